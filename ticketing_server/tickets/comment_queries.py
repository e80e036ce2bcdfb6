"""Every read of comments; each starts from the tickets that the actor sees."""

from typing import Any

from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import Asker, Repeated
from ticketing_server.access.ticket_visibility import tickets_visible_to
from ticketing_server.access.visibility import people_known_to
from ticketing_server.core.db import Sql, row
from ticketing_server.core.errors import Invalid, NotFound, missing
from ticketing_server.core.listing import Page
from ticketing_server.core.written import Written, WrittenArray, instant, written, written_object
from ticketing_server.tickets.comment_structs import CommentOut, CommentRow

DRESSED = f"""
SELECT m.id, m.ticket,
    CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'username', a.username,
        'email', CASE WHEN {{}} THEN a.email END,
        'first_name', a.first_name, 'last_name', a.last_name) END AS "user",
    m.content, {instant("m.created_at")} AS created_at, {instant("m.updated_at")} AS updated_at,
    m.version
FROM comment m LEFT JOIN account a ON a.id = m.author
"""
# A ticket without comments still has its row, so no row at all means no ticket.
THREAD = """
SELECT (SELECT count(*) FROM comment c WHERE c.ticket = t.id) AS total, (
    SELECT coalesce('[' || string_agg(to_json(x)::text, ',') || ']', '[]')
    FROM ({} WHERE m.ticket = t.id ORDER BY m.created_at, m.id {}) x
) AS json
FROM ticket t WHERE t.id = {} AND {}
"""
ROW = """
SELECT m.id, m.project, m.ticket, m.author
FROM comment m JOIN ticket t ON t.id = m.ticket WHERE m.id = {} AND {}
"""


async def list_of(asker: Asker, ticket: int, page: Page) -> tuple[list[CommentOut], int]:
    """Oldest first; all of them unless a page was asked for, and how many there are in all.

    Raises Invalid on `ticket` where the asker does not see it.
    """
    found = await asker.row(Repeated(_thread, ticket, shape=(page,)), WrittenArray)
    if found is None:
        raise Invalid(ticket=missing(ticket))
    return written(found.json), found.total


async def show(asker: Asker, comment: int) -> Any:
    """A `CommentOut`, written. Raises NotFound where the asker does not see its ticket."""
    found = await asker.row(Repeated(_written, comment), Written)
    if found is None:
        raise NotFound
    return found


async def get_row(actor: Actor, comment: int) -> CommentRow:
    """Raises NotFound where the actor does not see its ticket."""
    found = await row(Sql(ROW, comment, tickets_visible_to(actor)), CommentRow)
    if found is None:
        raise NotFound
    return found


def _thread(actor: Actor, ticket: int, page: Page) -> Sql:
    limits = page.limits() if page.asked else Sql("")
    return Sql(THREAD, _dressed(actor), limits, ticket, tickets_visible_to(actor))


def _written(actor: Actor, comment: int) -> Sql:
    return written_object(_one(actor, comment))


def _one(actor: Actor, comment: int) -> Sql:
    return Sql(
        "{} JOIN ticket t ON t.id = m.ticket WHERE m.id = {} AND {}",
        _dressed(actor),
        comment,
        tickets_visible_to(actor),
    )


def _dressed(actor: Actor) -> Sql:
    return Sql(DRESSED, people_known_to(actor))
