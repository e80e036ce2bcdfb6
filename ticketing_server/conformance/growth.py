"""More tickets: those that somebody must not see, and more of those that they do."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.ticket_visibility import tickets_visible_in
from ticketing_server.core.db import Sql, execute

# Critical and overdue, so that no dashboard passes them over; of the same company and reporter, so
# that whoever sees a ticket sees its copy.
COPIES = """
INSERT INTO ticket (project, "column", name, description, type, priority_id, urgency, importance,
    company, reporter, due_date, resolved_at, created_at, updated_at)
SELECT t.project, t."column", t.name, t.description, t.type, 5, 'critical', t.importance,
    t.company, t.reporter, t.created_at::date, NULL, t.created_at, t.updated_at
FROM ticket t WHERE {} ORDER BY t.id LIMIT 50
"""


async def copy_tickets_hidden_from(actor: Actor, project: int) -> None:
    await execute(Sql(COPIES, Sql("NOT ({})", tickets_visible_in(actor, project))))


async def copy_tickets_visible_to(actor: Actor, project: int) -> None:
    await execute(Sql(COPIES, tickets_visible_in(actor, project)))
