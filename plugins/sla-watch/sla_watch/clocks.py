"""The clocks that run: one for each target of an open ticket that is not yet met.

A clock starts when the ticket is created and runs day and night. The first response is the first
comment of an agent (a superadmin or admin of the project) who did not report the ticket; it stops
that clock. Resolving the ticket stops both, opening it again lets them run on from its creation.
"""

from ticketing_server.plugins import IS_OPEN, Scope, Sql

from .targets import TARGETS

# The agents stand in an array of their own, which is made once, not for each ticket.
IS_ANSWERED = """
EXISTS (SELECT FROM comment m WHERE m.ticket = t.id AND m.author IS DISTINCT FROM t.reporter
    AND m.author = ANY(ARRAY(SELECT r.account FROM user_role r
        WHERE r.project = {} AND r.role IN ('superadmin', 'admin'))))
"""
RUNNING = f"""
SELECT t.id AS ticket, p.key || '-' || t.number AS key, t.name, t.priority_id, w.target,
    t.created_at + make_interval(mins => w.minutes) AS due_at
FROM ticket t
JOIN project p ON p.id = t.project
JOIN ({TARGETS}) g ON g.priority_id = t.priority_id
CROSS JOIN LATERAL (VALUES
    ('first_response', g.first_response_minutes), ('resolution', g.resolution_minutes)
) AS w (target, minutes)
WHERE {{}} AND {IS_OPEN} AND w.minutes IS NOT NULL
    AND (w.target = 'resolution' OR NOT {IS_ANSWERED})
"""


def running(scope: Scope) -> Sql:
    """A statement: ticket, key, name, priority_id, target and due_at of each clock."""
    return Sql(RUNNING, scope.project, scope.tickets, scope.project)
