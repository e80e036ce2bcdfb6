"""What was done lately."""

import datetime as dt
from typing import Annotated, Any

from msgspec import Meta

from ticketing_server.access.matrix import Action
from ticketing_server.access.ticket_visibility import tickets_of, uncounted_tickets_of
from ticketing_server.core.db import Sql, literal, rows
from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import Field, List
from ticketing_server.dashboard.widget import Parameters, Scope, Widget
from ticketing_server.tickets.queries import item_told, told
from ticketing_server.tickets.structs import Person

# What became of a deleted ticket is told to those who saw every ticket.
OF_PROJECT = """
SELECT e.id, e.created_at, e.ticket FROM event e WHERE e.project = {}
ORDER BY e.created_at DESC, e.id DESC LIMIT {}
"""
# Whoever sees some tickets only has mostly seen enough among the last events of the project. If
# not, those of their companies are found by index, and those of single tickets by ticket: in a
# project of 500,000 tickets 2 ms, where going through all events took seconds for a newcomer.
OF_PERSON = """
WITH recent AS MATERIALIZED (
    SELECT e.id, e.created_at FROM ({}) e JOIN ticket t ON t.id = e.ticket WHERE {}
    ORDER BY e.created_at DESC, e.id DESC LIMIT {}
), enough AS MATERIALIZED (
    SELECT count(*) >= {} AS is_so FROM recent
), of_companies AS (
    SELECT e.* FROM unnest({}::bigint[]) AS v (company) CROSS JOIN LATERAL (
        SELECT e.id, e.created_at FROM event e WHERE e.project = {} AND e.company = v.company
        ORDER BY e.created_at DESC, e.id DESC LIMIT {}
    ) e WHERE NOT (SELECT is_so FROM enough)
), of_tickets AS (
    SELECT e.id, e.created_at FROM ({}) t JOIN event e ON e.ticket = t.id
    WHERE NOT (SELECT is_so FROM enough)
)
SELECT * FROM recent UNION SELECT * FROM of_companies UNION SELECT * FROM of_tickets
"""
# How many of the last events are looked at for each that is wanted.
LOOKED_AT = 10
DRESSED = """
SELECT e.id, t.id AS ticket, {},
    coalesce(p.key || '-' || t.number, e.new_value ->> 'key') AS ticket_key,
    coalesce(t.name, e.new_value ->> 'name') AS ticket_name
FROM (SELECT * FROM ({}) f ORDER BY f.created_at DESC, f.id DESC LIMIT {}) f
JOIN event e ON e.id = f.id
JOIN project p ON p.id = e.project
LEFT JOIN ticket t ON t.id = e.ticket
LEFT JOIN account a ON a.id = e.actor
ORDER BY f.created_at DESC, f.id DESC
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
    if scope.actor.may(Action.VIEW_ALL_TICKETS, scope.project):
        events = Sql(OF_PROJECT, scope.project, literal(parameters.limit))
    else:
        events = _of_person(scope, parameters.limit)
    dressed = Sql(DRESSED, told(scope.actor), events, literal(parameters.limit))
    found = await rows(dressed, dict[str, object])
    return [item_told(each, ActivityItem) for each in found]


def _of_person(scope: Scope, limit: int) -> Sql:
    within = Sql("t.project = {}", scope.project)
    return Sql(
        OF_PERSON,
        Sql(OF_PROJECT, scope.project, literal(limit * LOOKED_AT)),
        scope.tickets,
        literal(limit),
        literal(limit),
        scope.actor.companies,
        scope.project,
        literal(limit),
        tickets_of(uncounted_tickets_of(scope.actor), "t.id", within),
    )


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
