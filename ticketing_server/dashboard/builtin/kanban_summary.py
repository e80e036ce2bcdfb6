"""How many tickets stand in each column."""

from ticketing_server.core.db import Sql, rows
from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import Bar, Field
from ticketing_server.dashboard.widget import Scope, Widget
from ticketing_server.projects.column_counts import column_counts
from ticketing_server.projects.structs import Category

COLUMNS = """
{} SELECT c.id, c.name, c.status, c.category, c.color, {} AS count
FROM board_column c WHERE c.project = {} ORDER BY c."order", c.id
"""


class ColumnCount(Out):
    id: int
    name: str
    count: int
    status: str
    category: Category
    color: str


class KanbanSummary(Out):
    """Counts are of the tickets that the caller sees."""

    columns: list[ColumnCount]


async def read(scope: Scope) -> KanbanSummary:
    counts = column_counts(scope.actor)
    counted = Sql(COLUMNS, counts.before, counts.tickets, scope.project)
    return KanbanSummary(columns=await rows(counted, ColumnCount))


KANBAN_SUMMARY = Widget(
    slug="kanban-summary",
    title="Board",
    description="How many of the tickets that the caller sees stand in each column.",
    show=Bar(rows="columns", label="name", values=[Field(name="count", title="Tickets")]),
    read=read,
    is_kept=True,
)
