"""How every client of the project fares, and why."""

from ticketing_server.access.matrix import Action
from ticketing_server.companies.health import Health
from ticketing_server.companies.structs import Reason
from ticketing_server.companies.tallies import CLASSED, COUNTED, Tally
from ticketing_server.companies.ticket_classes import IS_OPEN
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, rows
from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import Field, Table
from ticketing_server.dashboard.widget import Scope, Widget

# Open tickets decide; of the closed ones only the last change counts.
COMPANIES = f"""
SELECT c.id, c.name, coalesce(o.open_tickets, 0) AS open_tickets,
    coalesce(o.urgent_tickets, 0) AS urgent_tickets, coalesce(o.critical, 0) AS critical,
    coalesce(o.overdue, 0) AS overdue, coalesce(o.urgent_unassigned, 0) AS urgent_unassigned,
    coalesce(o.critical_keys, ARRAY[]::text[]) AS critical_keys,
    coalesce(o.overdue_keys, ARRAY[]::text[]) AS overdue_keys,
    coalesce(o.urgent_unassigned_keys, ARRAY[]::text[]) AS urgent_unassigned_keys, (
        SELECT t.updated_at FROM ticket t WHERE t.company = c.id AND {{}}
        ORDER BY t.updated_at DESC LIMIT 1
    ) AS last_activity
FROM company c LEFT JOIN (
    SELECT t.company, {COUNTED} FROM ({CLASSED}) t GROUP BY t.company
) o ON o.company = c.id
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
    found = await rows(
        Sql(
            COMPANIES,
            scope.tickets,
            today(),
            Sql(f"{IS_OPEN} AND {{}}", scope.tickets),
            scope.companies,
        ),
        _Found,
    )
    return CompaniesHealth(companies=[_health(each) for each in found])


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
