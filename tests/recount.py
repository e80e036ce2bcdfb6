"""What triggers keep for dashboards, counted anew from the tickets: nothing may differ."""

from ticketing_server.companies.ticket_classes import (
    IS_CRITICAL,
    IS_OPEN,
    IS_OVERDUE,
    IS_UNASSIGNED,
    IS_URGENT,
)
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, joined, rows

PRESSING = f"""
SELECT t.id, t.project, t.company, t.reporter, t.number, t.priority_id::int, t.due_date,
    {IS_URGENT}, {IS_CRITICAL}, {IS_URGENT} AND {IS_UNASSIGNED}
FROM ticket t WHERE {IS_OPEN} AND ({IS_URGENT} OR t.due_date IS NOT NULL)
"""
PRESSING_KEPT = """
SELECT id, project, company, reporter, number, priority_id::int, due_date, is_urgent, is_critical,
    is_urgent_unassigned
FROM pressing_ticket
"""
CLASSES = f"""
SELECT t.project, t.company, count(*), count(*) FILTER (WHERE {IS_URGENT}),
    count(*) FILTER (WHERE {IS_CRITICAL}), count(*) FILTER (WHERE {IS_OVERDUE}),
    count(*) FILTER (WHERE {IS_URGENT} AND {IS_UNASSIGNED})
FROM ticket t WHERE {IS_OPEN} AND ({IS_URGENT} OR t.due_date IS NOT NULL) AND t.company IS NOT NULL
GROUP BY 1, 2
"""
CLASSES_KEPT = """
SELECT project, company, sum(tickets), sum(urgent), sum(critical),
    coalesce(sum(tickets) FILTER (WHERE due_date < {}), 0), sum(urgent_unassigned)
FROM pressing_count GROUP BY 1, 2
HAVING (sum(tickets), sum(urgent), sum(critical), sum(urgent_unassigned)) <> (0, 0, 0, 0)
"""
ASSIGNED = f"""
SELECT t.project, x.account, CASE WHEN {IS_OPEN} THEN t."column" END AS open_in,
    (t.resolved_at AT TIME ZONE 'UTC')::date AS resolved_on, count(*)
FROM ticket t JOIN ticket_assignee x ON x.ticket = t.id
WHERE {IS_OPEN} OR t.resolved_at >= {{}}::date GROUP BY 1, 2, 3, 4
"""
ASSIGNED_KEPT = """
SELECT project, account, open_in, resolved_on, sum(tickets) FROM assigned_count
WHERE open_in IS NOT NULL OR resolved_on >= {}::date GROUP BY 1, 2, 3, 4 HAVING sum(tickets) <> 0
"""
COMPANIES = "SELECT e.id, t.company FROM event e LEFT JOIN ticket t ON t.id = e.ticket"
COMPANIES_KEPT = "SELECT id, company FROM event"

DIFFERENCE = """
SELECT {}::text AS of, x::text AS row FROM (
    (SELECT * FROM ({}) a EXCEPT SELECT * FROM ({}) b)
    UNION ALL (SELECT * FROM ({}) b EXCEPT SELECT * FROM ({}) a)
) x
"""


def differences() -> Sql:
    """Each row that is kept and should not be, or should be and is not."""
    day = today()
    kinds = {
        "pressing": (Sql(PRESSING), Sql(PRESSING_KEPT)),
        "classes": (Sql(CLASSES, day), Sql(CLASSES_KEPT, day)),
        "assigned": (Sql(ASSIGNED, day), Sql(ASSIGNED_KEPT, day)),
        "companies": (Sql(COMPANIES), Sql(COMPANIES_KEPT)),
    }
    return joined(
        " UNION ALL ",
        [Sql(DIFFERENCE, name, truth, kept, kept, truth) for name, (truth, kept) in kinds.items()],
    )


async def recount() -> list[dict[str, str]]:
    return await rows(differences(), dict[str, str])
