"""What was done lately."""

import datetime as dt
from typing import Annotated, Any

from msgspec import Meta

from ticketing_server.access.matrix import Action
from ticketing_server.core.db import Sql, literal, rows
from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import Field, List
from ticketing_server.dashboard.widget import Parameters, Scope, Widget
from ticketing_server.tickets.queries import item_told, told
from ticketing_server.tickets.structs import Person

# What became of a deleted ticket is told to those who saw every ticket.
ACTIVITY_OF_PROJECT = """
SELECT e.id, t.id AS ticket, {},
    coalesce(p.key || '-' || t.number, e.new_value ->> 'key') AS ticket_key,
    coalesce(t.name, e.new_value ->> 'name') AS ticket_name
FROM event e
JOIN project p ON p.id = e.project
LEFT JOIN ticket t ON t.id = e.ticket
LEFT JOIN account a ON a.id = e.actor
WHERE e.project = {} AND (({}) OR (e.ticket IS NULL AND {}))
ORDER BY e.created_at DESC, e.id DESC LIMIT {}
"""


class Limited(Parameters):
    limit: Annotated[int, Meta(ge=1, le=100, description="At most so many activities.")] = 20


class ActivityItem(Out):
    """One thing done to a ticket; `ticket` is null once that is deleted."""

    id: int
    ticket: int | None
    ticket_key: str | None
    ticket_name: str | None
    user: Person | None
    action: str
    field: str | None
    old_value: Any
    new_value: Any
    created_at: dt.datetime


async def read(scope: Scope, parameters: Limited) -> list[ActivityItem]:
    found = await rows(
        Sql(
            ACTIVITY_OF_PROJECT,
            told(scope.actor),
            scope.project,
            scope.tickets,
            scope.actor.may(Action.VIEW_ALL_TICKETS, scope.project),
            literal(parameters.limit),
        ),
        dict[str, object],
    )
    return [item_told(each, ActivityItem) for each in found]


ACTIVITY = Widget(
    slug="activity",
    title="Activity",
    description="What was done lately to the tickets that the caller sees.",
    show=List(
        title="ticket_name",
        details=[
            Field(name="action", title="What"),
            Field(name="field", title="Field"),
            Field(name="created_at", title="When", format="time"),
        ],
    ),
    read=read,
)
