"""Reads of tickets; each starts from what the actor sees. Lists are in `list_queries`."""

from typing import Any, TypeVar

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import Asker, Repeated
from ticketing_server.access.ticket_visibility import tickets_visible_to
from ticketing_server.access.visibility import value_visible_to
from ticketing_server.core.db import Sql, literal, row, rows
from ticketing_server.core.errors import NotFound
from ticketing_server.core.listing import Page
from ticketing_server.core.structs import Out
from ticketing_server.core.written import Written, instant, written_object
from ticketing_server.tickets.structs import (
    BoardColumnBrief,
    HistoryItem,
    TicketOut,
    TicketPlace,
    TicketRow,
)

# One statement: the page is cut first, and only its rows are dressed. Whatever an index finds for
# one ticket is asked for ticket by ticket: a join would have the planner read whole small tables.
DRESSED = f"""
SELECT t.id, t.name, t.description, t.type, c.status, t.priority_id, t.urgency, t.importance,
    t.project, p.key AS project_key, t."column", c.name AS column_name,
    ARRAY(SELECT a.account FROM ticket_assignee a WHERE a.ticket = t.id ORDER BY a.id)
        AS assignee_ids,
    (SELECT f.id FROM ticket_follower f WHERE f.ticket = t.id AND f.account = {{}} LIMIT 1)
        IS NOT NULL AS following,
    (SELECT count(*) FROM comment m WHERE m.ticket = t.id) AS comments_count,
    g.names AS tag_names, t.due_date, t.start_date, {instant("t.created_at")} AS created_at,
    {instant("t.updated_at")} AS updated_at, p.key || '-' || t.number AS key,
    t.number, t.company, o.name AS company_name, t.reporter,
    {instant("t.resolved_at")} AS resolved_at, g.ids AS tag_ids, t.version {{}}
FROM {{}}
JOIN project p ON p.id = t.project
JOIN board_column c ON c.id = t."column"
LEFT JOIN company o ON o.id = t.company
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(x.tag ORDER BY x.id), ARRAY[]::bigint[]) AS ids,
        coalesce(array_agg(g.name ORDER BY x.id), ARRAY[]::varchar[]) AS names
    FROM ticket_tag x JOIN tag g ON g.id = x.tag WHERE x.ticket = t.id
) g
{{}}
"""
OF_TICKETS = "(SELECT * FROM ticket t WHERE {} {}) t"
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
    return await rows(dressed(actor, Sql(OF_TICKETS, wanted, cut), by, also), into)


async def show(asker: Asker, ticket: int) -> Any:
    """A `TicketOut`, written. Raises NotFound where the asker does not see it."""
    found = await asker.row(Repeated(_one, ticket), Written)
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


def dressed(actor: Actor, tickets: Sql, by: Sql, also: Sql = NOTHING) -> Sql:
    """Whole tickets: `tickets` brings them on the alias `t`, `by` puts them in order."""
    return Sql(DRESSED, actor.id, also, tickets, by)


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


def _one(actor: Actor, ticket: int) -> Sql:
    wanted = Sql("t.id = {} AND {}", ticket, tickets_visible_to(actor))
    return written_object(dressed(actor, Sql(OF_TICKETS, wanted, NOTHING), NOTHING))
