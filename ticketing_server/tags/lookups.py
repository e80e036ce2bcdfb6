"""How a guard finds the tag or contact that a request is about."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import Connection, id_in_path
from ticketing_server.tags import contact_queries, queries
from ticketing_server.tags.contact_structs import ContactRow
from ticketing_server.tags.structs import TagRow


async def tag_in_path(connection: Connection, actor: Actor) -> TagRow:
    """The tag of `/tags/{id}/…`. Raises NotFound."""
    return await queries.get_row(actor, id_in_path(connection))


async def contact_in_path(connection: Connection, actor: Actor) -> ContactRow:
    """The contact of `/contacts/{id}/`. Raises NotFound."""
    return await contact_queries.get_row(actor, id_in_path(connection))
