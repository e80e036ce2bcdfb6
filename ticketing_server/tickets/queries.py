"""Every read of tickets; each starts from what the actor sees."""

from typing import TypeVar

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import tickets_visible_to, value_visible_to
from ticketing_server.core.db import Sql, joined, literal, row, rows
from ticketing_server.core.errors import NotFound
from ticketing_server.core.listing import Page, count_all, ordering
from ticketing_server.core.structs import Out
from ticketing_server.tickets.filters import DEFAULT_ORDERING, ORDERINGS, Filters
from ticketing_server.tickets.structs import (
    BoardColumnBrief,
    HistoryItem,
    TicketOut,
    TicketPlace,
    TicketRow,
)

# One statement: the page is cut first, and only its rows are dressed.
DRESSED = """
SELECT t.id, t.name, t.description, t.type, c.status, t.priority_id, t.urgency, t.importance,
    t.project, p.key AS project_key, t."column", c.name AS column_name,
    ARRAY(SELECT a.account FROM ticket_assignee a WHERE a.ticket = t.id ORDER BY a.id)
        AS assignee_ids,
    EXISTS (SELECT FROM ticket_follower f WHERE f.ticket = t.id AND f.account = {}) AS following,
    (SELECT count(*) FROM comment m WHERE m.ticket = t.id) AS comments_count,
    ARRAY(SELECT g.name FROM ticket_tag x JOIN tag g ON g.id = x.tag WHERE x.ticket = t.id
        ORDER BY x.id) AS tag_names,
    t.due_date, t.start_date, t.created_at, t.updated_at, p.key || '-' || t.number AS key,
    t.number, t.company, o.name AS company_name, t.reporter, t.resolved_at,
    ARRAY(SELECT x.tag FROM ticket_tag x WHERE x.ticket = t.id ORDER BY x.id) AS tag_ids,
    t.version {}
FROM (SELECT * FROM ticket t WHERE {} {}) t
JOIN project p ON p.id = t.project
JOIN board_column c ON c.id = t."column"
LEFT JOIN company o ON o.id = t.company
{}
"""
ROW = """
SELECT t.id, t.project, t.number, t.name, t.description, t.type, t.priority_id, t.urgency,
    t.importance, t."column", t.company, t.reporter, t.due_date, t.start_date, t.resolved_at,
    t.version, p.key AS project_key,
    (SELECT o.name FROM company o WHERE o.id = t.company) AS company_name,
    ARRAY(SELECT a.account FROM ticket_assignee a WHERE a.ticket = t.id ORDER BY a.id)
        AS assignee_ids,
    ARRAY(SELECT g.name FROM ticket_tag x JOIN tag g ON g.id = x.tag WHERE x.ticket = t.id
        ORDER BY x.id) AS tag_names,
    (SELECT json_agg(json_build_object('id', c.id, 'name', c.name))
        FROM board_column c WHERE c.project = t.project)::text AS board
FROM ticket t JOIN project p ON p.id = t.project WHERE t.id = {} AND {}
"""
# Of the event `e`, done by `a`: what the actor is told of it, wherever it is told.
TOLD = """
e.action, e.field, e.created_at, CASE WHEN {} THEN e.old_value::text END AS old_value,
CASE WHEN {} THEN e.new_value::text END AS new_value,
CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'username', a.username,
    'first_name', a.first_name, 'last_name', a.last_name)::text END AS "user"
"""
HISTORY = """
SELECT e.id, {}, count(*) OVER () AS total FROM event e LEFT JOIN account a ON a.id = e.actor
WHERE e.ticket = {} ORDER BY e.id {}
"""

NOTHING = Sql("")

T = TypeVar("T", bound=TicketOut)
Item = TypeVar("Item", bound=Out)


async def list_page(
    actor: Actor, filters: Filters, order: str | None, page: Page
) -> tuple[list[TicketOut], int]:
    """A page of what the actor sees, and how many there are in all. Raises Invalid."""
    wanted = joined(" AND ", [tickets_visible_to(actor), *filters.conditions(actor.id)])
    by = ordering(order, ORDERINGS, DEFAULT_ORDERING, tie="t.id")
    cut = Sql("{} {}", by, page.limits())
    found = await rows(_dressed(actor, wanted, cut, by), TicketOut)
    counting = Sql("SELECT count(*) FROM ticket t WHERE {}", wanted)
    return found, await count_all(page, found, counting)


async def list_of_company(actor: Actor, company: int, page: Page) -> tuple[list[TicketOut], int]:
    """Newest first; all that the actor sees unless a page was asked for."""
    if page.asked:
        return await list_page(actor, Filters(company=[company]), None, page)
    wanted = Sql("{} AND t.company = {}", tickets_visible_to(actor), company)
    by = ordering(None, ORDERINGS, DEFAULT_ORDERING, tie="t.id")
    found = await rows(_dressed(actor, wanted, NOTHING, by), TicketOut)
    return found, len(found)


async def list_first(
    actor: Actor,
    wanted: Sql,
    by: Sql,
    limit: int,
    *,
    into: type[T] = TicketOut,
    also: Sql = NOTHING,
) -> list[T]:
    """The first tickets in an order, of those that `wanted` leaves on the alias `t`.

    `wanted` starts from what the actor sees. `also` adds `, expression AS name` for each field that
    `into` has beside those of a ticket.
    """
    cut = Sql("{} LIMIT {}", by, literal(limit))
    return await rows(_dressed(actor, wanted, cut, by, also), into)


async def show(actor: Actor, ticket: int) -> TicketOut:
    """Raises NotFound where the actor does not see it."""
    wanted = Sql("t.id = {} AND {}", ticket, tickets_visible_to(actor))
    found = await row(_dressed(actor, wanted, NOTHING, NOTHING), TicketOut)
    if found is None:
        raise NotFound
    return found


async def get_row(actor: Actor, ticket: int) -> TicketRow:
    """Raises NotFound where the actor does not see it."""
    found = await row(Sql(ROW, ticket, tickets_visible_to(actor)), dict[str, object])
    if found is None:
        raise NotFound
    board = msgspec.json.decode(str(found["board"]), type=list[BoardColumnBrief])
    return msgspec.convert({**found, "board": {column.id: column for column in board}}, TicketRow)


async def find_place(actor: Actor, ticket: int) -> TicketPlace | None:
    """None also where the actor does not see it."""
    wanted = "SELECT t.id, t.project FROM ticket t WHERE t.id = {} AND {}"
    return await row(Sql(wanted, ticket, tickets_visible_to(actor)), TicketPlace)


async def list_history(actor: Actor, ticket: int, page: Page) -> tuple[list[HistoryItem], int]:
    """Oldest first; all of it unless a page was asked for."""
    limits = page.limits() if page.asked else Sql("")
    found = await rows(Sql(HISTORY, told(actor), ticket, limits), dict[str, object])
    total = found[0]["total"] if found else 0
    return [item_told(item, HistoryItem) for item in found], msgspec.convert(total, int)


def told(actor: Actor) -> Sql:
    """The columns of an event that `item_told` makes an item of."""
    old, new = value_visible_to(actor, "e.old_value"), value_visible_to(actor, "e.new_value")
    return Sql(TOLD, old, new)


def item_told(found: dict[str, object], into: type[Item]) -> Item:
    """An event, and what else the row says, as a struct."""
    of_json = ("user", "old_value", "new_value")
    decoded = {name: found[name] and msgspec.json.decode(str(found[name])) for name in of_json}
    return msgspec.convert({**found, **decoded}, into)


def _dressed(actor: Actor, wanted: Sql, cut: Sql, by: Sql, also: Sql = NOTHING) -> Sql:
    return Sql(DRESSED, actor.id, also, wanted, cut, by)
