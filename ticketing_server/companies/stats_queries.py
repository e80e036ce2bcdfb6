"""How a company fares, in one statement (rulings 6.6)."""

import datetime as dt

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import companies_visible_to, tickets_visible_to
from ticketing_server.companies.structs import CompanyStats
from ticketing_server.companies.tallies import CLASSED, COUNTED, Tally
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, row
from ticketing_server.core.errors import NotFound

STATS = f"""
SELECT s.*,
    (SELECT max(t.updated_at) FROM ticket t WHERE {{}}) AS last_activity,
    (SELECT count(*) FROM company_member m WHERE m.company = c.id AND m.relation = 'user')
        AS user_count,
    (SELECT count(*) FROM company_member m WHERE m.company = c.id AND m.relation = 'admin')
        AS admin_count
FROM company c CROSS JOIN LATERAL (
    SELECT count(*) AS total_tickets,
        count(*) FILTER (WHERE t.resolved_at >= {{}}) AS resolved_this_month,
        {COUNTED}
    FROM ({CLASSED}) t
) s
WHERE c.id = {{}} AND {{}}
"""


class _Found(Tally):
    total_tickets: int
    resolved_this_month: int
    user_count: int
    admin_count: int


async def show_stats(actor: Actor, company: int, project: int | None) -> CompanyStats:
    """Of the tickets that the actor sees. Raises NotFound where they do not see the company."""
    found = await row(_stats(actor, company, project), _Found)
    if found is None:
        raise NotFound
    return CompanyStats(
        open_tickets=found.open_tickets,
        urgent_tickets=found.urgent_tickets,
        overdue_tickets=found.overdue,
        resolved_this_month=found.resolved_this_month,
        total_tickets=found.total_tickets,
        user_count=found.user_count,
        admin_count=found.admin_count,
        health_status=found.health,
        last_activity=found.last_activity,
        reasons=found.reasons(),
    )


def _stats(actor: Actor, company: int, project: int | None) -> Sql:
    month = dt.datetime.combine(today().replace(day=1), dt.time(), dt.UTC)
    wanted = Sql("t.company = c.id AND {}", tickets_visible_to(actor))
    if project is not None:
        wanted = Sql("{} AND t.project = {}", wanted, project)
    return Sql(STATS, wanted, month, today(), wanted, company, companies_visible_to(actor))
