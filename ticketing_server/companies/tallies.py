"""What is counted of a company's tickets, and what its health makes of it (rulings 6.6)."""

import datetime as dt

import msgspec

from ticketing_server.companies.health import Facts, Health, Rule, grounds, health
from ticketing_server.companies.structs import Reason
from ticketing_server.companies.ticket_classes import (
    IS_CRITICAL,
    IS_OPEN,
    IS_OVERDUE,
    IS_UNASSIGNED,
    IS_URGENT,
)
from ticketing_server.core.clock import now

# How many tickets a reason names.
MOST_NAMED = 20

# The tickets to count; its parameters are today's date and a condition on the alias `t`. Of open
# ones the index `ticket_open` has all of it.
# OFFSET 0 keeps each class from being worked out again by every aggregate that asks for it.
CLASSED = f"""
SELECT t.id, t.company, t.resolved_at, p.key AS project_key, t.number,
    {IS_OPEN} AS is_open, {IS_CRITICAL} AS is_critical, {IS_URGENT} AS is_urgent,
    {IS_OVERDUE} AS is_overdue, {IS_URGENT} AND {IS_UNASSIGNED} AS is_urgent_unassigned
FROM ticket t JOIN project p ON p.id = t.project
WHERE {{}} OFFSET 0
"""


def _first_keys(name: str) -> str:
    return (
        "coalesce((array_agg(t.project_key || '-' || t.number ORDER BY t.id)"
        f" FILTER (WHERE t.is_{name}))[1:{MOST_NAMED}], ARRAY[]::text[]) AS {name}_keys"
    )


# Aggregates over CLASSED, under the names that `Tally` has.
COUNTED = f"""
count(*) FILTER (WHERE t.is_open) AS open_tickets,
count(*) FILTER (WHERE t.is_urgent) AS urgent_tickets,
count(*) FILTER (WHERE t.is_critical) AS critical,
count(*) FILTER (WHERE t.is_overdue) AS overdue,
count(*) FILTER (WHERE t.is_urgent_unassigned) AS urgent_unassigned,
{_first_keys("critical")},
{_first_keys("overdue")},
{_first_keys("urgent_unassigned")}
"""


class Tally(msgspec.Struct):
    """One company's; `last_activity` is None where it has no ticket."""

    open_tickets: int
    urgent_tickets: int
    critical: int
    overdue: int
    urgent_unassigned: int
    critical_keys: list[str]
    overdue_keys: list[str]
    urgent_unassigned_keys: list[str]
    last_activity: dt.datetime | None

    @property
    def health(self) -> Health:
        return health(self._facts())

    def reasons(self) -> list[Reason]:
        """The rules behind the health, and the tickets behind the rules."""
        facts = self._facts()
        return [self._reason(rule, facts) for rule in grounds(facts)]

    def _facts(self) -> Facts:
        idle = None if self.last_activity is None else (now() - self.last_activity).days
        return Facts(
            critical=self.critical,
            overdue=self.overdue,
            urgent_unassigned=self.urgent_unassigned,
            idle_days=idle,
        )

    def _reason(self, rule: Rule, facts: Facts) -> Reason:
        """The tickets counted are named; days are not tickets."""
        return Reason(
            rule=rule.fact,
            threshold=rule.threshold,
            count=rule.measured(facts),
            tickets=getattr(self, f"{rule.fact}_keys", []),
        )
