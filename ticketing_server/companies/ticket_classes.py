"""The classes of tickets that stats and dashboards count (rulings 6.6), on the alias `t`."""

# A ticket is resolved exactly while its column's category is done.
IS_OPEN = "t.resolved_at IS NULL"
# The parameter is today's date, UTC.
IS_OVERDUE = f"(t.due_date IS NOT NULL AND t.due_date < {{}} AND {IS_OPEN})"
IS_CRITICAL = f"({IS_OPEN} AND (t.priority_id = 5 OR t.urgency = 'critical'))"
IS_URGENT = f"({IS_OPEN} AND (t.priority_id >= 4 OR t.urgency IN ('high', 'critical')))"
# Asked of few tickets, by index: instead of NOT EXISTS the planner would read all assignees first.
IS_UNASSIGNED = "((SELECT x.id FROM ticket_assignee x WHERE x.ticket = t.id LIMIT 1) IS NULL)"
