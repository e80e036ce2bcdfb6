"""How a guard finds the ticket that a request is about, or the column of one to be."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import Connection, id_in_path
from ticketing_server.core.body import peek, refusal
from ticketing_server.core.errors import missing
from ticketing_server.core.structs import Id, In
from ticketing_server.projects.queries import find_column
from ticketing_server.projects.structs import BoardColumnRow
from ticketing_server.tickets import queries
from ticketing_server.tickets.structs import TicketRow


class NamesColumn(In):
    column: Id


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
