"""Every read of attachments; each starts from the tickets that the actor sees."""

import datetime as dt

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.ticket_visibility import tickets_visible_to
from ticketing_server.access.visibility import EVERYTHING
from ticketing_server.core.db import Sql, row, rows
from ticketing_server.core.errors import Invalid, NotFound, missing
from ticketing_server.core.media.signatures import MediaLinks
from ticketing_server.core.text import CONTROL
from ticketing_server.tickets.attachment_structs import (
    AttachmentOut,
    AttachmentRow,
    Uploader,
)

# A ticket without attachments is one row of nulls; a ticket that is not there is none.
ATTACHMENTS = """
SELECT x.id, t.id AS ticket, x.path, x.filename, x.uploaded_at, x.size, x.content_type,
    a.id AS uploader, a.username
FROM ticket t LEFT JOIN attachment x ON x.ticket = t.id LEFT JOIN account a ON a.id = x.uploaded_by
WHERE {} AND {} ORDER BY x.id
"""
ROW = """
SELECT x.id, x.project, x.ticket, x.uploaded_by, x.path, x.filename, x.content_type, x.size
FROM attachment x JOIN ticket t ON t.id = x.ticket WHERE {} AND {}
"""


class _Found(msgspec.Struct):
    id: int
    ticket: int
    path: str
    filename: str
    uploaded_at: dt.datetime
    size: int
    content_type: str
    uploader: int | None
    username: str | None

    def out(self, links: MediaLinks) -> AttachmentOut:
        person = None
        if self.uploader is not None and self.username is not None:
            person = Uploader(id=self.uploader, username=self.username)
        return AttachmentOut(
            id=self.id,
            ticket=self.ticket,
            file=links.to(f"{self.path}/{self.filename}"),
            filename=self.filename,
            uploaded_by=person,
            uploaded_at=self.uploaded_at,
            size=self.size,
            content_type=self.content_type,
        )


async def list_of(actor: Actor, ticket: int, links: MediaLinks) -> list[AttachmentOut]:
    """Oldest first. Raises Invalid on `ticket` where the actor does not see it."""
    wanted = Sql(ATTACHMENTS, Sql("t.id = {}", ticket), tickets_visible_to(actor))
    found = await rows(wanted, dict[str, object])
    if not found:
        raise Invalid(ticket=missing(ticket))
    return [msgspec.convert(one, _Found).out(links) for one in found if one["id"] is not None]


async def show(actor: Actor, attachment: int, links: MediaLinks) -> AttachmentOut:
    """Raises NotFound where the actor does not see its ticket."""
    wanted = Sql(ATTACHMENTS, Sql("x.id = {}", attachment), tickets_visible_to(actor))
    found = await row(wanted, _Found)
    if found is None:
        raise NotFound
    return found.out(links)


async def get_row(actor: Actor, attachment: int) -> AttachmentRow:
    """Raises NotFound where the actor does not see its ticket."""
    return await _row(Sql("x.id = {}", attachment), tickets_visible_to(actor))


async def find_file(actor: Actor | None, path: str, filename: str) -> AttachmentRow:
    """What lies at an address; None asks with a signature. Raises NotFound."""
    if CONTROL.search(path + filename):
        raise NotFound
    visible = EVERYTHING if actor is None else tickets_visible_to(actor)
    return await _row(Sql("x.path = {} AND x.filename = {}", path, filename), visible)


async def _row(wanted: Sql, visible: Sql) -> AttachmentRow:
    found = await row(Sql(ROW, wanted, visible), AttachmentRow)
    if found is None:
        raise NotFound
    return found
