"""Every change of a contact."""

from ticketing_server.core import db
from ticketing_server.core.db import Sql, atomic, scalar
from ticketing_server.core.entity import IfMatch, hold
from ticketing_server.tables import Contact
from ticketing_server.tags.contact_structs import ContactNew, ContactPatch, ContactRow

INSERT = """
INSERT INTO contact (project, name, email, phone, title, department, description)
VALUES ({}, {}, {}, {}, {}, {}, {}) RETURNING id
"""


async def create(project: int, data: ContactNew) -> int:
    """The new contact's id."""
    texts = (data.name, data.email, data.phone, data.title, data.department, data.description)
    return await scalar(Sql(INSERT, project, *texts), int)


@atomic
async def update(contact: ContactRow, patch: ContactPatch, if_match: IfMatch) -> None:
    """Raises Stale."""
    await hold(Contact, contact.id, if_match)
    if changes := patch.changes():
        await db.update(Contact, contact.id, changes)


@atomic
async def delete(contact: ContactRow, if_match: IfMatch) -> None:
    """It leaves the tags on which it hangs. Raises Stale."""
    await hold(Contact, contact.id, if_match)
    await db.delete(Contact, contact.id)
