"""What is counted of a company's tickets, and what its health makes of it (rulings 6.6)."""

import datetime as dt

import msgspec

from ticketing_server.companies.health import RULES, Facts, Health, Rule, grounds, health
from ticketing_server.companies.structs import Reason
from ticketing_server.core.clock import now

# How many tickets a reason names.
MOST_NAMED = 20

# All of it is of the company `c`: of its tickets in `w.projects`, which have `w.keys`, and beside
# them of `w.tickets`, on the day `w.today`; open are those in `w.open_columns`. Counts are kept: a
# company of 50,000 tickets is told in 1 ms, where looking at each took half a second.
CLASSES = """
CROSS JOIN LATERAL (
    SELECT coalesce(sum(k.urgent), 0)::bigint AS urgent_tickets,
        coalesce(sum(k.critical), 0)::bigint AS critical,
        coalesce(sum(k.tickets) FILTER (WHERE k.due_date < w.today), 0)::bigint AS overdue,
        coalesce(sum(k.urgent_unassigned), 0)::bigint AS urgent_unassigned
    FROM (
        SELECT k.due_date, k.tickets, k.urgent, k.critical, k.urgent_unassigned
        FROM pressing_count k WHERE k.company = c.id AND k.project = ANY(w.projects)
        UNION ALL SELECT k.due_date, 1, k.is_urgent::int, k.is_critical::int,
            k.is_urgent_unassigned::int
        FROM pressing_ticket k WHERE k.id = ANY(w.tickets)
    ) k
) n
"""
PLACES = """
CROSS JOIN LATERAL (
    SELECT coalesce(sum(k.tickets), 0)::bigint AS total_tickets,
        coalesce(sum(k.tickets) FILTER (WHERE k."column" = ANY(w.open_columns)), 0)::bigint
            AS open_tickets
    FROM (
        SELECT k."column", k.tickets
        FROM ticket_count k WHERE k.company = c.id AND k.project = ANY(w.projects)
        UNION ALL SELECT t."column", 1 FROM ticket t WHERE t.id = ANY(w.tickets)
    ) k
) o
"""
LAST_ACTIVITY = """
(SELECT max(x.updated_at) FROM (
    SELECT t.updated_at FROM unnest(w.projects) AS q (project) CROSS JOIN LATERAL (
        SELECT t.updated_at FROM ticket t WHERE t.company = c.id AND t.project = q.project
        ORDER BY t.updated_at DESC LIMIT 1
    ) t
    UNION ALL SELECT t.updated_at FROM ticket t WHERE t.id = ANY(w.tickets)
) x) AS last_activity
"""
FIRST_KEYS = f"""
CASE WHEN {{is_named}} THEN ARRAY(
    SELECT x.key FROM (
        SELECT k.id, q.key || '-' || k.number AS key
        FROM unnest(w.projects, w.keys) AS q (project, key) CROSS JOIN LATERAL (
            SELECT k.id, k.number FROM pressing_ticket k
            WHERE k.project = q.project AND k.company = c.id AND {{is_one}}
            ORDER BY k.id LIMIT {MOST_NAMED}
        ) k
        UNION ALL SELECT k.id, p.key || '-' || k.number
        FROM pressing_ticket k JOIN project p ON p.id = k.project
        WHERE k.id = ANY(w.tickets) AND {{is_one}}
    ) x ORDER BY x.id LIMIT {MOST_NAMED}
) ELSE ARRAY[]::text[] END AS {{fact}}_keys
"""
ARE_ONES = {
    "critical": "k.is_critical",
    "overdue": "k.due_date < w.today",
    "urgent_unassigned": "k.is_urgent_unassigned",
}


def _is_ground(rule: Rule) -> str:
    """Whether it is one of `health.grounds`, asked of the counts `n`."""
    before = RULES[: RULES.index(rule)]
    worse = [f"n.{one.fact} >= {one.threshold}" for one in before if one.health != rule.health]
    return " AND NOT ".join([f"n.{rule.fact} >= {rule.threshold}", *worse])


def _first_keys(fact: str, is_one: str) -> str:
    """Only where they are a ground: rare ones are looked for among many."""
    named = " OR ".join(f"({_is_ground(rule)})" for rule in RULES if rule.fact == fact)
    return FIRST_KEYS.format(is_named=named, is_one=is_one, fact=fact)


# The fields of `Tally`, selected from a company `c` with what is wanted of it, `w`.
TALLY = ", ".join(["n.*", "o.*", LAST_ACTIVITY, *(_first_keys(*each) for each in ARE_ONES.items())])
TALLIED = CLASSES + PLACES


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
