"""Creating, deleting and following tickets; changing one is in `change_actions`."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.core.clock import now
from ticketing_server.core.db import Sql, atomic, day, execute, scalar, scalar_or_none
from ticketing_server.core.entity import IfMatch
from ticketing_server.core.errors import Invalid, NotFound, missing
from ticketing_server.events.actions import record
from ticketing_server.projects.actions import HELD, PLACED
from ticketing_server.projects.structs import BoardColumnRow
from ticketing_server.tickets.checks import Resolved, Wanted, resolve
from ticketing_server.tickets.ownership import action_to_delete
from ticketing_server.tickets.structs import TicketNew, TicketRow

CREATE = """
WITH placed AS MATERIALIZED ({}), created AS (
    INSERT INTO ticket (project, "column", name, description, type, priority_id, urgency,
        importance, company, reporter, due_date, start_date, resolved_at)
    SELECT placed.project, placed.id, {}, {}, {}, {}::smallint, {}, {}, {}::bigint, {}::bigint,
        {}, {}, CASE placed.category WHEN 'done' THEN {}::timestamptz END
    FROM placed
    RETURNING project, id
), assigned AS (
    INSERT INTO ticket_assignee (project, ticket, account)
    SELECT project, id, account FROM created, unnest({}::bigint[]) WITH ORDINALITY AS a(account, n)
    ORDER BY n
), tagged AS (
    INSERT INTO ticket_tag (project, ticket, tag)
    SELECT project, id, tag FROM created, unnest({}::bigint[]) WITH ORDINALITY AS a(tag, n)
    ORDER BY n
), recorded AS (
    INSERT INTO event (project, ticket, actor, action)
    SELECT project, id, {}, 'created' FROM created
)
SELECT id FROM created
"""
TOGGLE_FOLLOW = """
WITH gone AS (
    DELETE FROM ticket_follower WHERE ticket = {} AND account = {} RETURNING 1
), come AS (
    INSERT INTO ticket_follower (project, ticket, account)
    SELECT {}, {}, {} WHERE NOT EXISTS (SELECT FROM gone) RETURNING 1
)
SELECT EXISTS (SELECT FROM come)
"""
DELETE = """
DELETE FROM ticket t USING ({}) AS held WHERE t.project = held.id AND t.id = {} RETURNING t.version
"""
LOCK = "SELECT id FROM ticket WHERE id = {} FOR NO KEY UPDATE"


@atomic
async def create(actor: Actor, column: BoardColumnRow, data: TicketNew) -> int:
    """The new ticket's id. Raises Forbidden, Invalid with every wrong field."""
    if data.assignee_ids:
        actor.require(Action.ASSIGN_TICKETS, column.project)
    resolved = await resolve(actor, column.project, Wanted.of(data), is_new=True)
    if resolved.wrong:
        raise Invalid(resolved.wrong)
    ticket = await scalar_or_none(_creation(actor, column, data, resolved), int)
    if ticket is None:
        raise Invalid(column=missing(column.id))
    return ticket


@atomic
async def delete(actor: Actor, ticket: TicketRow, if_match: IfMatch) -> None:
    """For good; that it was there stays in the project's activity. Raises Forbidden, Stale."""
    actor.require(action_to_delete(actor, ticket), ticket.project)
    version = await scalar_or_none(Sql(DELETE, Sql(HELD, ticket.project), ticket.id), int)
    if version is None:
        raise NotFound
    if_match.check(version)
    await record(
        actor.id, ticket.project, None, "deleted", {"key": ticket.key, "name": ticket.name}
    )


@atomic
async def toggle_follow(actor: Actor, ticket: TicketRow) -> bool:
    """Whether the actor follows the ticket from now on; toggles in parallel take turns."""
    if not await execute(Sql(LOCK, ticket.id)):
        raise NotFound
    toggled = Sql(TOGGLE_FOLLOW, ticket.id, actor.id, ticket.project, ticket.id, actor.id)
    return await scalar(toggled, bool)


def _creation(actor: Actor, column: BoardColumnRow, data: TicketNew, resolved: Resolved) -> Sql:
    return Sql(
        CREATE,
        Sql(PLACED, Sql(HELD, column.project), column.id),
        data.name,
        data.description,
        data.type,
        data.priority_id,
        data.urgency,
        data.importance,
        resolved.company,
        actor.id,
        day(data.due_date),
        day(data.start_date),
        now(),
        resolved.assignee_ids,
        resolved.tag_ids,
        actor.id,
    )
