"""What is late, what soon will be, and how each priority stands."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta

from ticketing_server.plugins import (
    Action,
    Bar,
    Field,
    Out,
    Parameters,
    Scope,
    Sql,
    Table,
    Widget,
    literal,
    now,
    rows,
)

from .clocks import running
from .targets import TARGETS

LATE = """
SELECT c.*, floor(extract(epoch FROM {} - c.due_at) / 60)::bigint AS minutes_over
FROM ({}) c WHERE c.due_at <= {} ORDER BY c.due_at, c.ticket, c.target LIMIT {}
"""
SOON_LATE = """
SELECT c.*, ceil(extract(epoch FROM c.due_at - {}) / 60)::bigint AS minutes_left
FROM ({}) c WHERE c.due_at > {} AND c.due_at <= {} ORDER BY c.due_at, c.ticket, c.target LIMIT {}
"""
# A ticket is as late as the first of its clocks.
BY_PRIORITY = f"""
SELECT g.priority_id, 'Priority ' || g.priority_id AS label,
    count(*) FILTER (WHERE c.due_at <= {{}}) AS breached,
    count(*) FILTER (WHERE c.due_at > {{}} AND c.due_at <= {{}}) AS at_risk,
    count(*) FILTER (WHERE c.due_at > {{}}) AS ok
FROM ({TARGETS}) g
LEFT JOIN (
    SELECT c.ticket, c.priority_id, min(c.due_at) AS due_at FROM ({{}}) c
    GROUP BY c.ticket, c.priority_id
) c ON c.priority_id = g.priority_id
GROUP BY g.priority_id ORDER BY g.priority_id DESC
"""

Limit = Annotated[int, Meta(ge=1, le=100, description="At most so many targets.")]
Hours = Annotated[int, Meta(ge=1, le=720, description="How soon is soon, in hours.")]


class First(Parameters):
    limit: Limit = 20


class Soon(Parameters):
    hours: Hours = 4


class FirstSoon(Parameters):
    hours: Hours = 4
    limit: Limit = 20


class Clock(Out):
    """A target of a ticket that is not yet met."""

    ticket: int
    key: str
    name: str
    priority_id: int
    target: Literal["first_response", "resolution"]
    due_at: dt.datetime


class Breach(Clock):
    minutes_over: int


class Risk(Clock):
    minutes_left: int


class Standing(Out):
    """Tickets of one priority whose clocks still run, by the one that is due first."""

    priority_id: int
    label: str
    breached: int
    at_risk: int
    ok: int


async def read_breaches(scope: Scope, parameters: First) -> list[Breach]:
    time = now()
    return await rows(Sql(LATE, time, running(scope), time, literal(parameters.limit)), Breach)


async def read_at_risk(scope: Scope, parameters: FirstSoon) -> list[Risk]:
    time = now()
    soon = time + dt.timedelta(hours=parameters.hours)
    late = Sql(SOON_LATE, time, running(scope), time, soon, literal(parameters.limit))
    return await rows(late, Risk)


async def read_overview(scope: Scope, parameters: Soon) -> list[Standing]:
    time = now()
    soon = time + dt.timedelta(hours=parameters.hours)
    counted = Sql(BY_PRIORITY, time, time, soon, soon, scope.project, running(scope))
    return await rows(counted, Standing)


COLUMNS = [
    Field(name="key", title="Key"),
    Field(name="name", title="Ticket"),
    Field(name="priority_id", title="Priority", format="number"),
    Field(name="target", title="Target"),
    Field(name="due_at", title="Due", format="time"),
]
MINUTES_OVER = Field(name="minutes_over", title="Minutes over", format="number")
MINUTES_LEFT = Field(name="minutes_left", title="Minutes left", format="number")

BREACHES = Widget(
    slug="sla-breaches",
    title="SLA breaches",
    description="Targets that open tickets have missed, the longest overdue first.",
    show=Table(columns=[*COLUMNS, MINUTES_OVER]),
    read=read_breaches,
    action=Action.VIEW_REPORTS,
)
AT_RISK = Widget(
    slug="sla-at-risk",
    title="SLA at risk",
    description="Targets that open tickets will miss in the next hours, the soonest due first.",
    show=Table(columns=[*COLUMNS, MINUTES_LEFT]),
    read=read_at_risk,
    action=Action.VIEW_REPORTS,
)
OVERVIEW = Widget(
    slug="sla-overview",
    title="SLA by priority",
    description="Open tickets with a running target: late, soon late, and in time.",
    show=Bar(
        label="label",
        values=[
            Field(name="breached", title="Breached", format="number"),
            Field(name="at_risk", title="At risk", format="number"),
            Field(name="ok", title="In time", format="number"),
        ],
    ),
    read=read_overview,
    action=Action.VIEW_REPORTS,
)
