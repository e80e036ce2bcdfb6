"""How a company fares, in one statement (rulings 6.6)."""

import datetime as dt

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.access.ticket_visibility import tickets_of, uncounted_tickets_of
from ticketing_server.access.visibility import EVERYTHING, companies_visible_to
from ticketing_server.companies.structs import CompanyStats
from ticketing_server.companies.tallies import MOST_NAMED, Source, Tally
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, row
from ticketing_server.core.errors import NotFound

# Where the actor sees all of the company's tickets, in `w.projects`, they are counted already; what
# ties the actor to single ones elsewhere, `w.tickets`, is looked up.
SEEN = Source(
    pressing_counts="""(
        SELECT k.due_date, k.tickets, k.urgent, k.critical, k.urgent_unassigned
        FROM pressing_count k WHERE k.company = c.id AND k.project = ANY(w.projects)
        UNION ALL SELECT k.due_date, 1, k.is_urgent::int, k.is_critical::int,
            k.is_urgent_unassigned::int
        FROM pressing_ticket k WHERE k.id = ANY(w.tickets))""",
    ticket_counts="""(
        SELECT k."column", k.tickets
        FROM ticket_count k WHERE k.company = c.id AND k.project = ANY(w.projects)
        UNION ALL SELECT t."column", 1 FROM ticket t WHERE t.id = ANY(w.tickets))""",
    last_activity="""(SELECT max(x.updated_at) FROM (
        SELECT t.updated_at FROM unnest(w.projects) AS q (project) CROSS JOIN LATERAL (
            SELECT t.updated_at FROM ticket t WHERE t.company = c.id AND t.project = q.project
            ORDER BY t.updated_at DESC LIMIT 1) t
        UNION ALL SELECT t.updated_at FROM ticket t WHERE t.id = ANY(w.tickets)) x)""",
    first_keys=f"""
        SELECT p.key || '-' || k.number FROM (
            SELECT k.* FROM unnest(w.projects) AS q (project) CROSS JOIN LATERAL (
                SELECT k.id, k.project, k.number FROM pressing_ticket k
                WHERE k.project = q.project AND k.company = c.id AND {{is_one}}
                ORDER BY k.id LIMIT {MOST_NAMED}) k
            UNION ALL SELECT k.id, k.project, k.number FROM pressing_ticket k
            WHERE k.id = ANY(w.tickets) AND {{is_one}}
        ) k JOIN project p ON p.id = k.project ORDER BY k.id LIMIT {MOST_NAMED}""",
)
STATS = f"""
SELECT {SEEN.tally()},
    (SELECT count(*) FROM ticket t WHERE t.company = c.id AND t.project = ANY(w.projects)
        AND t.resolved_at >= w.month)
    + (SELECT count(*) FROM ticket t WHERE t.id = ANY(w.tickets) AND t.resolved_at >= w.month)
        AS resolved_this_month,
    (SELECT count(*) FROM company_member m WHERE m.company = c.id AND m.relation = 'user')
        AS user_count,
    (SELECT count(*) FROM company_member m WHERE m.company = c.id AND m.relation = 'admin')
        AS admin_count
FROM company c CROSS JOIN LATERAL (
    SELECT array_agg(cp.project) AS projects, ARRAY({{}}) AS tickets, ARRAY(
        SELECT b.id FROM company_project cp JOIN board_column b ON b.project = cp.project
        WHERE cp.company = c.id AND b.category <> 'done'
    ) AS open_columns, {{}}::date AS today, {{}}::timestamptz AS month
    FROM company_project cp WHERE cp.company = c.id AND {{}}
) w
{SEEN.tallied()}
WHERE c.id = {{}} AND {{}}
"""


class _Found(Tally):
    total_tickets: int
    resolved_this_month: int
    user_count: int
    admin_count: int


async def show_stats(actor: Actor, company: int, projects: list[int] | None) -> CompanyStats:
    """Of the tickets that the actor sees. Raises NotFound where they do not see the company."""
    found = await row(_stats(actor, company, projects), _Found)
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


def _stats(actor: Actor, company: int, projects: list[int] | None) -> Sql:
    return Sql(
        STATS,
        _tied(actor, company, projects),
        today(),
        dt.datetime.combine(today().replace(day=1), dt.time(), dt.UTC),
        Sql("{} AND {}", _sees_all_in(actor, company), _within("cp.project", projects)),
        company,
        companies_visible_to(actor),
    )


def _sees_all_in(actor: Actor, company: int) -> Sql:
    """`cp`: where the actor sees all of the company's tickets (rulings 4.4)."""
    if actor.superuser:
        return EVERYTHING
    is_own = company in actor.companies
    projects = actor.roles if is_own else actor.projects_where(Action.VIEW_ALL_TICKETS)
    return Sql("cp.project = ANY({}::bigint[])", sorted(projects))


def _tied(actor: Actor, company: int, projects: list[int] | None) -> Sql:
    """The rest of the company's tickets that the actor sees."""
    streams = [] if company in actor.companies else uncounted_tickets_of(actor)
    wanted = Sql("t.company = {} AND {}", company, _within("t.project", projects))
    return tickets_of(streams, "t.id", wanted)


def _within(column: str, projects: list[int] | None) -> Sql:
    return Sql(f"{column} = ANY({{}}::bigint[])", projects) if projects else EVERYTHING
