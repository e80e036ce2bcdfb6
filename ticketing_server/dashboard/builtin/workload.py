"""How much each agent has to do."""

import datetime as dt

from ticketing_server.access.matrix import Action
from ticketing_server.companies.ticket_classes import IS_OPEN
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, rows
from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import Bar, Field
from ticketing_server.dashboard.widget import Scope, Widget

# An agent without tickets is free to take one, and so is shown; a user with tickets is no agent.
AGENTS = f"""
SELECT a.id, a.username, a.first_name, a.last_name,
    count(t.id) FILTER (WHERE {IS_OPEN}) AS assigned_count,
    count(t.id) FILTER (WHERE t.category = 'in_progress') AS in_progress_count,
    count(t.id) FILTER (WHERE t.resolved_at IS NOT NULL) AS resolved_today
FROM user_role r
JOIN account a ON a.id = r.account
LEFT JOIN (
    SELECT t.id, t.resolved_at, c.category, x.account
    FROM ticket t
    JOIN ticket_assignee x ON x.ticket = t.id
    JOIN board_column c ON c.id = t."column"
    WHERE {{}} AND ({IS_OPEN} OR t.resolved_at >= {{}})
) t ON t.account = a.id
WHERE r.project = {{}} AND r.role IN ('superadmin', 'admin') AND a.active
GROUP BY a.id ORDER BY a.username, a.id
"""


class Agent(Out):
    """`assigned_count` counts open tickets; a day begins at midnight UTC."""

    id: int
    username: str
    assigned_count: int
    in_progress_count: int
    resolved_today: int
    first_name: str
    last_name: str


class Workload(Out):
    agents: list[Agent]


async def read(scope: Scope) -> Workload:
    midnight = dt.datetime.combine(today(), dt.time(), dt.UTC)
    return Workload(agents=await rows(Sql(AGENTS, scope.tickets, midnight, scope.project), Agent))


WORKLOAD = Widget(
    slug="workload",
    title="Workload",
    description="The project's agents: what is assigned, in progress, and resolved today.",
    show=Bar(
        rows="agents",
        label="username",
        values=[
            Field(name="assigned_count", title="Open"),
            Field(name="in_progress_count", title="In progress"),
            Field(name="resolved_today", title="Resolved today"),
        ],
    ),
    read=read,
    action=Action.VIEW_REPORTS,
    is_kept=True,
)
