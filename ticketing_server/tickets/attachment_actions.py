"""Attaching a file that has been stored, and taking it away (rulings 5.4)."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.core.db import Sql, atomic, execute, scalar_or_none
from ticketing_server.core.entity import IfMatch
from ticketing_server.core.errors import Conflict, NotFound
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.unclaimed import remove_if_unclaimed
from ticketing_server.tickets.attachment_structs import AttachmentNew, AttachmentRow
from ticketing_server.tickets.structs import TicketPlace

# The file is whole and in its place by now, but on the list of files to remove: taking it off the
# list and storing the row are one statement, so neither is ever without the other.
ATTACH = """
WITH claimed AS (
    DELETE FROM unclaimed_file WHERE path = {} RETURNING path
), attached AS (
    INSERT INTO attachment (project, ticket, uploaded_by, path, filename, content_type, size)
    SELECT {}, {}, {}, path, {}, {}, {} FROM claimed
    RETURNING id, project, ticket, uploaded_by, filename
), recorded AS (
    INSERT INTO event (project, ticket, actor, action, new_value)
    SELECT project, ticket, uploaded_by, 'attached', to_jsonb(filename) FROM attached
)
SELECT id FROM attached
"""
# A trigger puts the file back on that list.
DELETE = """
WITH gone AS (
    DELETE FROM attachment WHERE id = {} RETURNING project, ticket, filename
), recorded AS (
    INSERT INTO event (project, ticket, actor, action, old_value)
    SELECT project, ticket, {}, 'attachment_deleted', to_jsonb(filename) FROM gone
)
SELECT 1 FROM gone
"""


@atomic
async def attach(actor: Actor, ticket: TicketPlace, data: AttachmentNew, path: str) -> int:
    """The new attachment's id. Raises Conflict when the upload took longer than a file is kept."""
    attached = Sql(
        ATTACH,
        path,
        ticket.project,
        ticket.id,
        actor.id,
        data.filename,
        data.file.content_type,
        data.file.size,
    )
    id = await scalar_or_none(attached, int)
    if id is None:
        raise Conflict("The upload took too long; send the file again.")
    return id


async def delete(
    actor: Actor, attachment: AttachmentRow, if_match: IfMatch, storage: Storage
) -> None:
    """The row, then, once that is certain, the file. Raises Forbidden, Stale, NotFound."""
    await _delete(actor, attachment, if_match)
    await remove_if_unclaimed(storage, attachment.path)


@atomic
async def _delete(actor: Actor, attachment: AttachmentRow, if_match: IfMatch) -> None:
    actor.require(action_to_delete(actor, attachment), attachment.project)
    if_match.check(attachment.version)
    if not await execute(Sql(DELETE, attachment.id, actor.id)):
        raise NotFound


def action_to_delete(actor: Actor, attachment: AttachmentRow) -> Action:
    """One's own are those one has uploaded."""
    is_own = actor.id == attachment.uploaded_by
    return Action.DELETE_OWN_ATTACHMENT if is_own else Action.DELETE_OTHERS_ATTACHMENTS
