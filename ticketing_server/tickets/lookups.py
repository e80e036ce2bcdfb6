"""How a guard finds the ticket that a request is about, or what hangs on it, or is to."""

from typing import Annotated

from litestar.params import QueryParameter

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import Connection, id_in_path
from ticketing_server.core.body import REQUIRED, peek, refusal
from ticketing_server.core.errors import Invalid, missing
from ticketing_server.core.structs import BIGGEST, Id, In
from ticketing_server.projects.queries import find_column
from ticketing_server.projects.structs import BoardColumnRow
from ticketing_server.tickets import attachment_queries, comment_queries, queries
from ticketing_server.tickets.attachment_structs import AttachmentRow
from ticketing_server.tickets.comment_structs import CommentRow
from ticketing_server.tickets.structs import TicketPlace, TicketRow

# Litestar drops the limits of `Id` without a word, and the database refuses 2^63.
TicketParameter = Annotated[
    int | None,
    QueryParameter(ge=1, le=BIGGEST, required=True, description="The ticket; it must be named."),
]


class NamesColumn(In):
    column: Id


class NamesTicket(In):
    ticket: Id


async def ticket_in_path(connection: Connection, actor: Actor) -> TicketRow:
    """The ticket of `/tickets/{id}/…`. Raises NotFound."""
    return await queries.get_row(actor, id_in_path(connection))


async def column_in_body(connection: Connection, actor: Actor) -> BoardColumnRow | None:
    """The column of a new ticket, and with it the project (rulings 4.1). Raises Invalid."""
    body = await peek(connection, NamesColumn)
    if body is None:
        return None
    column = await find_column(actor, body.column)
    if column is None:
        raise await refusal(connection, column=missing(body.column))
    return column


async def comment_in_path(connection: Connection, actor: Actor) -> CommentRow:
    """The comment of `/comments/{id}/`. Raises NotFound."""
    return await comment_queries.get_row(actor, id_in_path(connection))


async def attachment_in_path(connection: Connection, actor: Actor) -> AttachmentRow:
    """The attachment of `/attachments/{id}/`. Raises NotFound."""
    return await attachment_queries.get_row(actor, id_in_path(connection))


async def ticket_in_body(connection: Connection, actor: Actor) -> TicketPlace | None:
    """The ticket on which something is to hang, by a body or a form. Raises Invalid."""
    body = await peek(connection, NamesTicket)
    if body is None:
        return None
    place = await queries.find_place(actor, body.ticket)
    if place is None:
        raise await refusal(connection, ticket=missing(body.ticket))
    return place


async def provide_ticket(ticket: TicketParameter = None) -> int:
    """As a dependency: see `named_ticket`."""
    return named_ticket(ticket)


def named_ticket(ticket: int | None) -> int:
    """The ticket whose comments or attachments are asked for (rulings 5.3). Raises Invalid."""
    if ticket is None:
        raise Invalid(ticket=REQUIRED)
    return ticket
