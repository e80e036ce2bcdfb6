"""The tickets that need somebody now: critical, overdue, or urgent and nobody's."""

from typing import Literal

from ticketing_server.companies.ticket_classes import (
    IS_CRITICAL,
    IS_OPEN,
    IS_OVERDUE,
    IS_UNASSIGNED,
    IS_URGENT,
)
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, literal
from ticketing_server.dashboard.builtin.newest import Limited
from ticketing_server.dashboard.drawing import Field, List
from ticketing_server.dashboard.widget import Scope, Widget
from ticketing_server.tickets.queries import list_first
from ticketing_server.tickets.structs import TicketOut

IS_URGENT_UNASSIGNED = f"({IS_URGENT} AND {IS_UNASSIGNED})"
# Each of them is open; said once more, it leads the planner to the index of open tickets.
NEEDS_ATTENTION = f"{IS_OPEN} AND ({IS_CRITICAL} OR {IS_OVERDUE} OR {IS_URGENT_UNASSIGNED})"
# rulings 6.10: critical ones first, then by days overdue, then by priority.
ORDER = f"""
ORDER BY {IS_CRITICAL} DESC,
    CASE WHEN {IS_OVERDUE} THEN t.due_date END ASC NULLS LAST, t.priority_id DESC, t.id DESC
"""
# Chosen among what the index of open tickets has, before any ticket itself is read.
FIRST = "t.id IN (SELECT t.id FROM ticket t WHERE {} {} LIMIT {})"
REASONS = f"""
, array_remove(ARRAY[
    CASE WHEN {IS_OVERDUE} THEN 'overdue' END,
    CASE WHEN {IS_CRITICAL} THEN 'critical' END,
    CASE WHEN {IS_URGENT_UNASSIGNED} THEN 'urgent_unassigned' END
], NULL) AS reasons
"""


class AttentionItem(TicketOut):
    """A ticket, and why it needs attention."""

    reasons: list[Literal["overdue", "critical", "urgent_unassigned"]]


async def read(scope: Scope, parameters: Limited) -> list[AttentionItem]:
    day = today()
    by = Sql(ORDER, day)
    needing = Sql("{} AND {}", scope.tickets, Sql(NEEDS_ATTENTION, day))
    return await list_first(
        scope.actor,
        Sql(FIRST, needing, by, literal(parameters.limit)),
        by,
        parameters.limit,
        into=AttentionItem,
        also=Sql(REASONS, day),
    )


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
