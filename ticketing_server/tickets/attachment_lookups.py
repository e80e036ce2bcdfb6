"""How a guard finds the attachment that a request is about, or the ticket of one to be."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import Connection, id_in_path
from ticketing_server.core.body import REQUIRED, peek, refusal
from ticketing_server.core.errors import Invalid, missing
from ticketing_server.core.listing import IdParameter
from ticketing_server.core.structs import Id, In
from ticketing_server.tickets import attachment_queries
from ticketing_server.tickets.attachment_structs import AttachmentRow, TicketPlace


class NamesTicket(In):
    ticket: Id


async def attachment_in_path(connection: Connection, actor: Actor) -> AttachmentRow:
    """The attachment of `/attachments/{id}/`. Raises NotFound."""
    return await attachment_queries.get_row(actor, id_in_path(connection))


async def ticket_in_form(connection: Connection, actor: Actor) -> TicketPlace | None:
    """The ticket of a new attachment. Raises Invalid."""
    form = await peek(connection, NamesTicket)
    if form is None:
        return None
    ticket = await attachment_queries.find_ticket(actor, form.ticket)
    if ticket is None:
        raise await refusal(connection, ticket=missing(form.ticket))
    return ticket


async def provide_ticket(ticket: IdParameter = None) -> int:
    """The ticket whose attachments are asked for. Raises Invalid without one."""
    if ticket is None:
        raise Invalid(ticket=REQUIRED)
    return ticket
