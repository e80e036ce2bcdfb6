"""Every change of a board's columns. All of them hold the project's lock."""

import re

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.core import db
from ticketing_server.core.db import (
    Sql,
    atomic,
    execute,
    rows,
    scalar,
    scalar_or_none,
    scalars,
)
from ticketing_server.core.entity import IfMatch
from ticketing_server.core.errors import Conflict, Invalid, Stale, missing
from ticketing_server.events.actions import Change, recorded
from ticketing_server.projects.actions import lock
from ticketing_server.projects.structs import (
    BoardColumnRow,
    Category,
    ColumnNew,
    ColumnPatch,
    ColumnPlace,
)
from ticketing_server.tables import BoardColumn

DONE_NAMES = frozenset({"done", "closed", "completed", "resolved"})


@atomic
async def create(project: int, data: ColumnNew) -> int:
    """The new column's id; a place that is taken is made free. Raises Invalid."""
    await lock(project)
    places = await _places(project)
    order = max(places.values(), default=-1) + 1 if data.order is None else data.order
    status = await _free_status(project, data.name)
    category = data.category or derived_category(data.name, order)
    column = await scalar(Sql(INSERT, project, data.name, status, category, data.color, order), int)
    await _arrange(places, {column: order})
    return column


@atomic
async def update(column: BoardColumnRow, patch: ColumnPatch, if_match: IfMatch) -> None:
    """Raises Invalid, Stale."""
    await lock(column.project)
    await _check_version(column, if_match)
    changes = patch.changes()
    if "name" in changes and changes["name"] != column.name:
        changes["status"] = await _free_status(column.project, changes["name"], column.id)
    order = changes.pop("order", None)
    if changes:
        await db.update(BoardColumn, column.id, changes)
    if "category" in changes:
        await _resettle(column, changes["category"])
    if order is not None:
        await _arrange(await _places(column.project), {column.id: order})


@atomic
async def reorder(project: int, wanted: list[ColumnPlace]) -> None:
    """Any subset of one project's columns. Raises Invalid on a foreign or repeated id (3.8)."""
    await lock(project)
    places = await _places(project)
    ids = [place.id for place in wanted]
    if foreign := [id for id in ids if id not in places]:
        raise Invalid(order=missing(foreign[0]))
    if len(set(ids)) < len(ids):
        raise Invalid(order="Name each column once.")
    await _arrange(places, {place.id: place.order for place in wanted})


@atomic
async def delete(
    actor: Actor, column: BoardColumnRow, move_to: BoardColumnRow | None, if_match: IfMatch
) -> None:
    """Raises Conflict while the column holds tickets and nobody says where to (rulings 3.7)."""
    await lock(column.project)
    await _check_version(column, if_match)
    if move_to is not None:
        await _move_all(actor, column, move_to)
    elif await scalar(Sql(HOLDS_TICKETS, column.project, column.id), bool):
        raise Conflict("The column still holds tickets; name another column in move_to.")
    await db.delete(BoardColumn, column.id)


def derived_category(name: str, order: int) -> Category:
    """rulings 3.5"""
    if name.casefold() in DONE_NAMES:
        return "done"
    return "todo" if order == 0 else "in_progress"


def slug(name: str) -> str:
    """`In Progress` → `in_progress`, in any script."""
    return "_".join(re.findall(r"[^\W_]+", name.casefold())) or "column"


def arranged(places: dict[int, int], wanted: dict[int, int]) -> dict[int, int]:
    """Every column's place: the wanted ones as wanted, the others around them, in their old order.

    Two columns that want one place get neighbouring ones, in the order in which they were named.
    """
    taken: dict[int, int] = {}
    for column, place in wanted.items():
        while place in taken.values():
            place += 1
        taken[column] = place
    free = 0
    for column, place in sorted(places.items(), key=lambda item: item[1]):
        if column in wanted:
            continue
        free = max(free, place)
        while free in taken.values():
            free += 1
        taken[column] = free
    return taken


INSERT = """
INSERT INTO board_column (project, name, status, category, color, "order")
VALUES ({}, {}, {}, {}, {}, {}) RETURNING id
"""
HOLDS_TICKETS = 'SELECT EXISTS (SELECT FROM ticket WHERE project = {} AND "column" = {})'
MOVE_ALL = """
UPDATE ticket t SET "column" = c.id,
    resolved_at = CASE c.category WHEN 'done' THEN coalesce(t.resolved_at, now()) END
FROM board_column c
WHERE c.id = {} AND t.project = {} AND t."column" = {} RETURNING t.project, t.id
"""
RESETTLE = """
UPDATE ticket SET resolved_at = CASE WHEN resolved_at IS NULL THEN now() END
WHERE project = {} AND "column" = {} AND (resolved_at IS NULL) = {}
"""
ARRANGE = """
UPDATE board_column c SET "order" = w.place
FROM unnest({}::bigint[], {}::int[]) AS w(id, place)
WHERE c.id = w.id AND c."order" <> w.place
"""


class _Place(msgspec.Struct):
    id: int
    order: int


async def _places(project: int) -> dict[int, int]:
    """One that made room for others may lie beyond the last place that can be asked for."""
    found = await rows(
        Sql('SELECT id, "order" FROM board_column WHERE project = {}', project), _Place
    )
    return {place.id: place.order for place in found}


async def _arrange(places: dict[int, int], wanted: dict[int, int]) -> None:
    final = arranged(places, wanted)
    await execute(Sql(ARRANGE, list(final), list(final.values())))


async def _free_status(project: int, name: str, but: int = 0) -> str:
    taken = set(
        await scalars(
            Sql("SELECT status FROM board_column WHERE project = {} AND id <> {}", project, but),
            str,
        )
    )
    wanted = slug(name)[:240]
    numbered = (f"{wanted}_{number}" for number in range(2, len(taken) + 3))
    return next(status for status in (wanted, *numbered) if status not in taken)


async def _check_version(column: BoardColumnRow, if_match: IfMatch) -> None:
    now_there = await scalar_or_none(
        Sql("SELECT version FROM board_column WHERE id = {}", column.id), int
    )
    if now_there is None:
        raise Stale
    if_match.check(now_there)


async def _move_all(actor: Actor, column: BoardColumnRow, to: BoardColumnRow) -> None:
    moved = Sql(MOVE_ALL, to.id, column.project, column.id)
    await execute(recorded(moved, actor.id, [Change("column", column.name, to.name)]))


async def _resettle(column: BoardColumnRow, category: Category) -> None:
    """A column that becomes `done`, or stops to be, resolves or reopens what lies in it."""
    await execute(Sql(RESETTLE, column.project, column.id, category == "done"))
