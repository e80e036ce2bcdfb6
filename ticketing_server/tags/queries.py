"""Every read of tags and of the contacts on them; each starts from what the actor sees."""

import datetime as dt

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.ticket_visibility import tickets_visible_to
from ticketing_server.access.visibility import contacts_visible_to, tags_visible_to
from ticketing_server.core.db import Sql, joined, row, rows
from ticketing_server.core.errors import NotFound
from ticketing_server.core.listing import Page, count_all
from ticketing_server.tags.filters import Filters
from ticketing_server.tags.structs import ContactBrief, TagContactOut, TagOut, TagRow

# The page is cut first. Its tickets are counted in one go: tag by tag, a page of a project with
# 200,000 tickets takes half a second.
TAG = """
WITH page AS (
    SELECT * FROM tag g WHERE {} ORDER BY g.name, g.id {}
), counted AS (
    SELECT x.tag, count(*) AS tickets FROM ticket_tag x JOIN ticket t ON t.id = x.ticket
    WHERE x.tag IN (SELECT id FROM page) AND {} GROUP BY x.tag
)
SELECT g.id, g.name, g.description, g.color, g.project, p.name AS project_name,
    coalesce(n.tickets, 0) AS tickets_count,
    (SELECT count(*) FROM tag_contact c WHERE c.tag = g.id AND {}) AS contacts_count,
    g.created_at, g.updated_at, g.version
FROM page g JOIN project p ON p.id = g.project LEFT JOIN counted n ON n.tag = g.id
ORDER BY g.name, g.id
"""
LINK = """
SELECT x.id, x.tag, x.contact, c.name, c.email, x.role, x.added_at, count(*) OVER () AS total
FROM tag_contact x JOIN contact c ON c.id = x.contact
WHERE {} AND {}
ORDER BY c.name, c.id {}
"""


class _Link(msgspec.Struct):
    id: int
    tag: int
    contact: int
    name: str
    email: str
    role: str
    added_at: dt.datetime
    total: int

    def out(self) -> TagContactOut:
        contact = ContactBrief(id=self.contact, name=self.name, email=self.email)
        return TagContactOut(
            id=self.id, tag=self.tag, contact=contact, role=self.role, added_at=self.added_at
        )


async def list_page(actor: Actor, filters: Filters, page: Page) -> tuple[list[TagOut], int]:
    """A page of what the actor sees, and how many there are in all."""
    asked = filters.conditions("g", ["name", "description"])
    wanted = joined(" AND ", [tags_visible_to(actor), *asked])
    found = await rows(_tags(actor, wanted, page.limits()), TagOut)
    counting = Sql("SELECT count(*) FROM tag g WHERE {}", wanted)
    return found, await count_all(page, found, counting)


async def show(actor: Actor, tag: int) -> TagOut:
    """Raises NotFound where the actor does not see it."""
    wanted = Sql("g.id = {} AND {}", tag, tags_visible_to(actor))
    found = await row(_tags(actor, wanted, Sql("")), TagOut)
    if found is None:
        raise NotFound
    return found


async def get_row(actor: Actor, tag: int) -> TagRow:
    """Raises NotFound where the actor does not see it."""
    wanted = Sql(
        "SELECT g.id, g.project, g.name FROM tag g WHERE g.id = {} AND {}",
        tag,
        tags_visible_to(actor),
    )
    found = await row(wanted, TagRow)
    if found is None:
        raise NotFound
    return found


async def list_links(actor: Actor, tag: int, page: Page) -> tuple[list[TagContactOut], int]:
    """A page of the contacts on a tag, and how many there are; none for a user (rulings 5.2)."""
    of_tag = Sql("x.tag = {}", tag)
    found = await rows(Sql(LINK, of_tag, contacts_visible_to(actor), page.limits()), _Link)
    return [link.out() for link in found], found[0].total if found else 0


async def show_link(actor: Actor, link: int) -> TagContactOut:
    """Raises NotFound where the actor does not see the contact."""
    by_id = Sql("x.id = {}", link)
    found = await row(Sql(LINK, by_id, contacts_visible_to(actor), Sql("")), _Link)
    if found is None:
        raise NotFound
    return found.out()


def _tags(actor: Actor, wanted: Sql, cut: Sql) -> Sql:
    return Sql(TAG, wanted, cut, tickets_visible_to(actor), contacts_visible_to(actor))
