"""Every read of comments; each starts from the tickets that the actor sees."""

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import people_known_to, tickets_visible_to
from ticketing_server.core.db import Sql, row, rows
from ticketing_server.core.errors import Invalid, NotFound, missing
from ticketing_server.core.listing import Page
from ticketing_server.tickets.comment_structs import CommentOut, CommentRow

DRESSED = """
SELECT m.id, m.ticket, m.content, m.created_at, m.updated_at, m.version,
    CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'username', a.username,
        'email', CASE WHEN {} THEN a.email END,
        'first_name', a.first_name, 'last_name', a.last_name)::text END AS "user"
FROM comment m LEFT JOIN account a ON a.id = m.author
"""
# One statement: a ticket without comments still has its row, so no row at all means no ticket.
THREAD = """
SELECT m.*, (SELECT count(*) FROM comment c WHERE c.ticket = t.id) AS total
FROM ticket t
LEFT JOIN LATERAL ({} WHERE m.ticket = t.id ORDER BY m.created_at, m.id {}) m ON TRUE
WHERE t.id = {} AND {}
ORDER BY m.created_at, m.id
"""
ROW = """
SELECT m.id, m.project, m.ticket, m.author
FROM comment m JOIN ticket t ON t.id = m.ticket WHERE m.id = {} AND {}
"""


async def list_of(actor: Actor, ticket: int, page: Page) -> tuple[list[CommentOut], int]:
    """Oldest first; all of them unless a page was asked for, and how many there are in all.

    Raises Invalid on `ticket` where the actor does not see it.
    """
    limits = page.limits() if page.asked else Sql("")
    wanted = Sql(THREAD, _dressed(actor), limits, ticket, tickets_visible_to(actor))
    found = await rows(wanted, dict[str, object])
    if not found:
        raise Invalid(ticket=missing(ticket))
    total = msgspec.convert(found[0]["total"], int)
    return [_comment(one) for one in found if one["id"] is not None], total


async def show(actor: Actor, comment: int) -> CommentOut:
    """Raises NotFound where the actor does not see its ticket."""
    wanted = Sql(
        "{} JOIN ticket t ON t.id = m.ticket WHERE m.id = {} AND {}",
        _dressed(actor),
        comment,
        tickets_visible_to(actor),
    )
    found = await row(wanted, dict[str, object])
    if found is None:
        raise NotFound
    return _comment(found)


async def get_row(actor: Actor, comment: int) -> CommentRow:
    """Raises NotFound where the actor does not see its ticket."""
    found = await row(Sql(ROW, comment, tickets_visible_to(actor)), CommentRow)
    if found is None:
        raise NotFound
    return found


def _dressed(actor: Actor) -> Sql:
    return Sql(DRESSED, people_known_to(actor))


def _comment(found: dict[str, object]) -> CommentOut:
    author = found["user"] and msgspec.json.decode(str(found["user"]))
    return msgspec.convert({**found, "user": author}, CommentOut)
