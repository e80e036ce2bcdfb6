"""How a company fares, in one statement (rulings 6.6)."""

import datetime as dt

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import companies_visible_to, tickets_visible_to
from ticketing_server.companies.health import Facts, Rule, grounds, health
from ticketing_server.companies.structs import CompanyStats, Reason
from ticketing_server.companies.ticket_classes import (
    IS_CRITICAL,
    IS_OPEN,
    IS_OVERDUE,
    IS_UNASSIGNED,
    IS_URGENT,
)
from ticketing_server.core.clock import now, today
from ticketing_server.core.db import Sql, row
from ticketing_server.core.errors import NotFound

STATS = f"""
SELECT s.*,
    (SELECT count(*) FROM company_member m WHERE m.company = c.id AND m.relation = 'user')
        AS user_count,
    (SELECT count(*) FROM company_member m WHERE m.company = c.id AND m.relation = 'admin')
        AS admin_count
FROM company c CROSS JOIN LATERAL (
    SELECT count(*) AS total_tickets,
        count(*) FILTER (WHERE t.is_open) AS open_tickets,
        count(*) FILTER (WHERE t.is_urgent) AS urgent_tickets,
        count(*) FILTER (WHERE t.resolved_at >= {{}}) AS resolved_this_month,
        max(t.updated_at) AS last_activity,
        count(*) FILTER (WHERE t.is_critical) AS critical,
        count(*) FILTER (WHERE t.is_overdue) AS overdue,
        count(*) FILTER (WHERE t.is_urgent AND t.is_unassigned) AS urgent_unassigned,
        (array_agg(t.key ORDER BY t.id) FILTER (WHERE t.is_critical))[1:20] AS critical_keys,
        (array_agg(t.key ORDER BY t.id) FILTER (WHERE t.is_overdue))[1:20] AS overdue_keys,
        (array_agg(t.key ORDER BY t.id) FILTER (WHERE t.is_urgent AND t.is_unassigned))[1:20]
            AS urgent_unassigned_keys
    FROM (
        SELECT t.id, t.updated_at, t.resolved_at, p.key || '-' || t.number AS key,
            {IS_OPEN} AS is_open, {IS_CRITICAL} AS is_critical, {IS_URGENT} AS is_urgent,
            {IS_OVERDUE} AS is_overdue, {IS_UNASSIGNED} AS is_unassigned
        FROM ticket t JOIN project p ON p.id = t.project
        WHERE t.company = c.id AND {{}} AND {{}}
    ) t
) s
WHERE c.id = {{}} AND {{}}
"""


class _Found(msgspec.Struct):
    total_tickets: int
    open_tickets: int
    urgent_tickets: int
    resolved_this_month: int
    last_activity: dt.datetime | None
    critical: int
    overdue: int
    urgent_unassigned: int
    critical_keys: list[str] | None
    overdue_keys: list[str] | None
    urgent_unassigned_keys: list[str] | None
    user_count: int
    admin_count: int

    def facts(self) -> Facts:
        idle = None if self.last_activity is None else (now() - self.last_activity).days
        return Facts(
            critical=self.critical,
            overdue=self.overdue,
            urgent_unassigned=self.urgent_unassigned,
            idle_days=idle,
        )

    def keys(self) -> dict[str, list[str] | None]:
        return {
            "critical": self.critical_keys,
            "overdue": self.overdue_keys,
            "urgent_unassigned": self.urgent_unassigned_keys,
        }


async def show_stats(actor: Actor, company: int, project: int | None) -> CompanyStats:
    """Of the tickets that the actor sees. Raises NotFound where they do not see the company."""
    found = await row(_stats(actor, company, project), _Found)
    if found is None:
        raise NotFound
    facts = found.facts()
    return CompanyStats(
        open_tickets=found.open_tickets,
        urgent_tickets=found.urgent_tickets,
        overdue_tickets=found.overdue,
        resolved_this_month=found.resolved_this_month,
        total_tickets=found.total_tickets,
        user_count=found.user_count,
        admin_count=found.admin_count,
        health_status=health(facts),
        last_activity=found.last_activity,
        reasons=[_reason(rule, facts, found) for rule in grounds(facts)],
    )


def _stats(actor: Actor, company: int, project: int | None) -> Sql:
    month = dt.datetime.combine(today().replace(day=1), dt.time(), dt.UTC)
    return Sql(
        STATS,
        month,
        today(),
        tickets_visible_to(actor),
        Sql("TRUE") if project is None else Sql("t.project = {}", project),
        company,
        companies_visible_to(actor),
    )


def _reason(rule: Rule, facts: Facts, found: _Found) -> Reason:
    """The tickets counted are named; days are not tickets."""
    return Reason(
        rule=rule.fact,
        threshold=rule.threshold,
        count=rule.measured(facts),
        tickets=found.keys().get(rule.fact) or [],
    )
