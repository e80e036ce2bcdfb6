"""How every client of the project fares, and why."""

from ticketing_server.access.matrix import Action
from ticketing_server.companies.health import Health
from ticketing_server.companies.structs import Reason
from ticketing_server.companies.tallies import MOST_NAMED, Source, Tally
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, rows
from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import Field, Table
from ticketing_server.dashboard.widget import Scope, Widget

# Whoever sees this sees every ticket of the project. OFFSET 0 keeps what is wanted of all companies
# from being looked up for each.
OF_PROJECT = Source(
    pressing_counts="""(
        SELECT * FROM pressing_count k WHERE k.project = w.project AND k.company = c.id)""",
    ticket_counts="""(
        SELECT * FROM ticket_count k WHERE k.project = w.project AND k.company = c.id)""",
    last_activity="""(
        SELECT max(t.updated_at) FROM ticket t WHERE t.project = w.project AND t.company = c.id)""",
    first_keys=f"""
        SELECT w.key || '-' || k.number FROM pressing_ticket k
        WHERE k.project = w.project AND k.company = c.id AND {{is_one}}
        ORDER BY k.id LIMIT {MOST_NAMED}""",
)
COMPANIES = f"""
SELECT c.id, c.name, {OF_PROJECT.tally()}
FROM company c CROSS JOIN (
    SELECT p.id AS project, p.key, {{}}::date AS today, ARRAY(
        SELECT b.id FROM board_column b WHERE b.project = p.id AND b.category <> 'done'
    ) AS open_columns
    FROM project p WHERE p.id = {{}} OFFSET 0
) w
{OF_PROJECT.tallied()}
WHERE {{}}
ORDER BY c.name, c.id
"""


class _Found(Tally):
    id: int
    name: str


class CompanyHealth(Out):
    """Counts are of the company's tickets in this project."""

    id: int
    name: str
    health_status: Health
    open_tickets: int
    urgent_tickets: int
    overdue_tickets: int
    reasons: list[Reason]


class CompaniesHealth(Out):
    companies: list[CompanyHealth]


async def read(scope: Scope) -> CompaniesHealth:
    wanted = Sql(COMPANIES, today(), scope.project, scope.companies)
    return CompaniesHealth(companies=[_health(each) for each in await rows(wanted, _Found)])


def _health(found: _Found) -> CompanyHealth:
    return CompanyHealth(
        id=found.id,
        name=found.name,
        health_status=found.health,
        open_tickets=found.open_tickets,
        urgent_tickets=found.urgent_tickets,
        overdue_tickets=found.overdue,
        reasons=found.reasons(),
    )


COMPANY_HEALTH = Widget(
    slug="company-health",
    title="Company health",
    description="How every client of the project fares, and the tickets that make it so.",
    show=Table(
        rows="companies",
        columns=[
            Field(name="name", title="Company"),
            Field(name="health_status", title="Health"),
            Field(name="open_tickets", title="Open", format="number"),
            Field(name="urgent_tickets", title="Urgent", format="number"),
            Field(name="overdue_tickets", title="Overdue", format="number"),
        ],
    ),
    read=read,
    action=Action.VIEW_REPORTS,
    is_kept=True,
)
