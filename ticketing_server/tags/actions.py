"""Every change of a tag, and of the contacts on it."""

from ticketing_server.access.actor import Actor
from ticketing_server.core import db
from ticketing_server.core.db import Sql, atomic, execute, row, scalar, scalar_or_none
from ticketing_server.core.entity import IfMatch, hold
from ticketing_server.core.errors import Invalid, missing
from ticketing_server.tables import Tag
from ticketing_server.tags.structs import ContactAddition, Linked, TagNew, TagPatch, TagRow

INSERT = "INSERT INTO tag (project, name, description, color) VALUES ({}, {}, {}, {}) RETURNING id"
LOCK_TAGGED = """
SELECT count(*) FROM (
    SELECT t.id FROM ticket t WHERE t.id IN (SELECT x.ticket FROM ticket_tag x WHERE x.tag = {})
    ORDER BY t.id FOR NO KEY UPDATE
) locked
"""
LOCK_TAG = "SELECT id FROM tag WHERE id = {} FOR UPDATE"
# The ticket's own change and its history, as when the set of its tags is edited. Names are put in
# the order in which Python sorts them, so that both histories read alike.
UNTAG = """
WITH tagged AS (
    SELECT x.project, x.ticket, to_jsonb(array_agg(g.name ORDER BY g.name COLLATE "C")) AS old,
        coalesce(to_jsonb(array_agg(g.name ORDER BY g.name COLLATE "C") FILTER (WHERE g.id <> {})),
            '[]') AS new
    FROM ticket_tag x JOIN tag g ON g.id = x.tag
    WHERE x.ticket IN (SELECT y.ticket FROM ticket_tag y WHERE y.tag = {})
    GROUP BY x.project, x.ticket
), touched AS (
    UPDATE ticket t SET updated_at = clock_timestamp() FROM tagged WHERE t.id = tagged.ticket
)
INSERT INTO event (project, ticket, actor, action, field, old_value, new_value)
SELECT project, ticket, {}, 'changed', 'tag_names', old, new FROM tagged ORDER BY ticket
"""
# The second time is no change, yet it must answer with the row that is there.
LINK = """
INSERT INTO tag_contact AS x (project, tag, contact, role)
SELECT g.project, g.id, c.id, {} FROM tag g JOIN contact c ON c.project = g.project
WHERE g.id = {} AND c.id = {} FOR KEY SHARE
ON CONFLICT (tag, contact) DO UPDATE SET role = x.role
RETURNING id, xmax = 0 AS created
"""
UNLINK = """
DELETE FROM tag_contact x USING contact c
WHERE x.tag = {} AND x.contact = {} AND c.id = x.contact RETURNING c.name
"""


async def create(project: int, data: TagNew) -> int:
    """The new tag's id. Raises Invalid for a name that is taken."""
    return await scalar(Sql(INSERT, project, data.name, data.description, data.color), int)


@atomic
async def update(tag: TagRow, patch: TagPatch, if_match: IfMatch) -> None:
    """Raises Stale, Invalid for a name that is taken."""
    await hold(Tag, tag.id, if_match)
    if changes := patch.changes():
        await db.update(Tag, tag.id, changes)


@atomic
async def delete(actor: Actor, tag: TagRow, if_match: IfMatch) -> None:
    """The tag leaves its tickets, and their history says so (rulings 4.11). Raises Stale.

    Tickets are locked before the tag, as by those who tag them: neither waits for the other in
    turn. The second lock waits for those who are tagging a ticket right now.
    """
    await hold(Tag, tag.id, if_match)
    await execute(Sql(LOCK_TAGGED, tag.id))
    await execute(Sql(LOCK_TAG, tag.id))
    await execute(Sql(UNTAG, tag.id, tag.id, actor.id))
    await db.delete(Tag, tag.id)


async def add_contact(tag: TagRow, data: ContactAddition) -> Linked:
    """The link, new or as it was (rulings 5.1). Raises Invalid for a contact from elsewhere."""
    linked = await row(Sql(LINK, data.role, tag.id, data.contact_id), Linked)
    if linked is None:
        raise Invalid(contact_id=missing(data.contact_id))
    return linked


async def remove_contact(tag: TagRow, contact: int) -> str:
    """The contact's name. Raises Invalid for one that is not on the tag."""
    name = await scalar_or_none(Sql(UNLINK, tag.id, contact), str)
    if name is None:
        raise Invalid(contact_id=missing(contact))
    return name
