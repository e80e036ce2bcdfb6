"""The tickets that were created last."""

from typing import Annotated

from msgspec import Meta

from ticketing_server.dashboard.drawing import Field, List
from ticketing_server.dashboard.widget import Parameters, Scope, Widget
from ticketing_server.tickets.list_queries import list_newest
from ticketing_server.tickets.structs import TicketOut


class Limited(Parameters):
    limit: Annotated[int, Meta(ge=1, le=100, description="At most so many tickets.")] = 10


async def read(scope: Scope, parameters: Limited) -> list[TicketOut]:
    return await list_newest(scope.actor, scope.project, parameters.limit)


NEWEST = Widget(
    slug="newest",
    title="Newest tickets",
    description="The tickets created last, of those that the caller sees.",
    show=List(
        title="name",
        details=[
            Field(name="key", title="Key"),
            Field(name="company_name", title="Company"),
            Field(name="created_at", title="Created", format="time"),
        ],
    ),
    read=read,
)
