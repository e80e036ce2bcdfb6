"""The tickets that need somebody now: critical, overdue, or urgent and nobody's."""

import datetime as dt
from typing import Literal

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.access.ticket_visibility import streams_of_tickets_visible_to
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, joined, literal, rows
from ticketing_server.dashboard.builtin.newest import Limited
from ticketing_server.dashboard.drawing import Field, List
from ticketing_server.dashboard.widget import Scope, Widget
from ticketing_server.tickets.queries import dressed
from ticketing_server.tickets.structs import TicketOut

# rulings 6.10: critical ones first, then by days overdue, then by priority. All that can need it is
# in `pressing_ticket`; what is overdue, the day decides.
ORDER = """
ORDER BY n.is_critical DESC, CASE WHEN n.due_date < {} THEN n.due_date END ASC NULLS LAST,
    n.priority_id DESC, n.id DESC
"""
# That order is of four parts, and each is the order of an index. A part is only read when those
# before it are too short, so what it has to pass over of theirs is less than the limit: among
# 50,000 open tickets 0.1 ms, where ordering all of them took 60 ms.
OF_PROJECT = """
WITH critical_late AS MATERIALIZED (
    SELECT n.* FROM pressing_ticket n WHERE n.project = {} AND n.is_critical AND n.due_date < {}
    ORDER BY n.due_date, n.priority_id DESC, n.id DESC LIMIT {}
), critical AS MATERIALIZED (
    SELECT n.* FROM pressing_ticket n
    WHERE n.project = {} AND n.is_critical AND (n.due_date < {}) IS NOT TRUE
        AND (SELECT count(*) FROM critical_late) < {}
    ORDER BY n.priority_id DESC, n.id DESC LIMIT {}
), late AS MATERIALIZED (
    SELECT n.* FROM pressing_ticket n WHERE n.project = {} AND NOT n.is_critical AND n.due_date < {}
        AND (SELECT count(*) FROM critical_late) + (SELECT count(*) FROM critical) < {}
    ORDER BY n.due_date, n.priority_id DESC, n.id DESC LIMIT {}
), unassigned AS MATERIALIZED (
    SELECT n.* FROM pressing_ticket n
    WHERE n.project = {} AND n.is_urgent_unassigned AND NOT n.is_critical
        AND (n.due_date < {}) IS NOT TRUE
        AND (SELECT count(*) FROM critical_late) + (SELECT count(*) FROM critical)
            + (SELECT count(*) FROM late) < {}
    ORDER BY n.priority_id DESC, n.id DESC LIMIT {}
)
SELECT * FROM critical_late UNION ALL SELECT * FROM critical
UNION ALL SELECT * FROM late UNION ALL SELECT * FROM unassigned
"""
# Whoever sees some tickets only has mostly seen enough among the first of the project. If not,
# their own pressing tickets are found, reason by reason. They are two statements, because a plan
# for either is no plan for both.
OF_THOSE = "SELECT t.* FROM ({}) t WHERE {}"
# So many are looked at for each that is wanted.
LOOKED_AT = 10
READ = "t.id, t.priority_id, t.due_date, t.is_critical, t.is_urgent_unassigned"
OF_STREAM = f"""
(SELECT n.* FROM ({{}}) v CROSS JOIN LATERAL (
    SELECT {READ} FROM pressing_ticket t
    WHERE {{}} AND (t.is_critical OR t.due_date < {{}} OR t.is_urgent_unassigned) OFFSET 0
) n {{}} LIMIT {{}})
"""
FIRST = "(SELECT n.* FROM ({}) n {} LIMIT {}) n JOIN ticket t ON t.id = n.id"
REASONS = """
, array_remove(ARRAY[
    CASE WHEN n.due_date < {} THEN 'overdue' END,
    CASE WHEN n.is_critical THEN 'critical' END,
    CASE WHEN n.is_urgent_unassigned THEN 'urgent_unassigned' END
], NULL) AS reasons
"""


class AttentionItem(TicketOut):
    """A ticket, and why it needs attention."""

    reasons: list[Literal["overdue", "critical", "urgent_unassigned"]]


async def read(scope: Scope, parameters: Limited) -> list[AttentionItem]:
    day, limit = today(), parameters.limit
    if scope.actor.may(Action.VIEW_ALL_TICKETS, scope.project):
        return await _first(scope.actor, _of_project(scope.project, day, limit), day, limit)
    looked_at = _of_project(scope.project, day, limit * LOOKED_AT)
    seen = await _first(scope.actor, Sql(OF_THOSE, looked_at, scope.tickets), day, limit)
    if len(seen) == limit:
        return seen
    return await _first(scope.actor, _of_person(scope, day, limit), day, limit)


async def _first(actor: Actor, needing: Sql, day: dt.date, limit: int) -> list[AttentionItem]:
    by = Sql(ORDER, day)
    first = Sql(FIRST, needing, by, literal(limit))
    return await rows(dressed(actor, first, by, also=Sql(REASONS, day)), AttentionItem)


def _of_project(project: int, day: dt.date, limit: int) -> Sql:
    first, most = [project, day, literal(limit)], literal(limit)
    return Sql(OF_PROJECT, *first, *[*first, most] * 3)


def _of_person(scope: Scope, day: dt.date, limit: int) -> Sql:
    streams = streams_of_tickets_visible_to(scope.actor, [scope.project])
    read = [
        Sql(OF_STREAM, stream.source, stream.condition, day, Sql(ORDER, day), literal(limit))
        for stream in streams
    ]
    return joined(" UNION ", read)


ATTENTION_NEEDED = Widget(
    slug="attention-needed",
    title="Needs attention",
    description="Open tickets that are critical, overdue, or urgent and assigned to nobody.",
    show=List(
        title="name",
        details=[
            Field(name="key", title="Key"),
            Field(name="reasons", title="Why"),
            Field(name="due_date", title="Due", format="date"),
        ],
    ),
    read=read,
)
