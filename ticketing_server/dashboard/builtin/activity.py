"""What was done lately."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ticketing_server.access.matrix import Action
from ticketing_server.access.visibility import value_visible_to
from ticketing_server.core.db import Sql, literal, rows
from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import Field, List
from ticketing_server.dashboard.widget import Parameters, Scope, Widget
from ticketing_server.tickets.structs import Person

# What became of a deleted ticket is told to those who saw every ticket.
ACTIVITY_OF_PROJECT = """
SELECT e.id, t.id AS ticket,
    coalesce(p.key || '-' || t.number, e.new_value ->> 'key') AS ticket_key,
    coalesce(t.name, e.new_value ->> 'name') AS ticket_name,
    CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'username', a.username,
        'first_name', a.first_name, 'last_name', a.last_name)::text END AS "user",
    e.action, e.field, CASE WHEN {} THEN e.old_value::text END AS old_value,
    CASE WHEN {} THEN e.new_value::text END AS new_value, e.created_at
FROM event e
JOIN project p ON p.id = e.project
LEFT JOIN ticket t ON t.id = e.ticket
LEFT JOIN account a ON a.id = e.actor
WHERE e.project = {} AND (({}) OR (e.ticket IS NULL AND {}))
ORDER BY e.created_at DESC, e.id DESC LIMIT {}
"""
OF_JSON = ("user", "old_value", "new_value")


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
            value_visible_to(scope.actor, "e.old_value"),
            value_visible_to(scope.actor, "e.new_value"),
            scope.project,
            scope.tickets,
            scope.actor.may(Action.VIEW_ALL_TICKETS, scope.project),
            literal(parameters.limit),
        ),
        dict[str, object],
    )
    return [_item(each) for each in found]


def _item(found: dict[str, object]) -> ActivityItem:
    decoded = {name: found[name] and msgspec.json.decode(str(found[name])) for name in OF_JSON}
    return msgspec.convert({**found, **decoded}, ActivityItem)


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
