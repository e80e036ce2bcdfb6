"""Every change of a ticket; each is one transaction with its history."""

from collections.abc import Mapping
from typing import Any

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.core.clock import now
from ticketing_server.core.db import Sql, atomic, execute, joined, scalar, scalar_or_none
from ticketing_server.core.entity import IfMatch
from ticketing_server.core.errors import Conflict, Invalid, NotFound
from ticketing_server.events.actions import Change, record, recorded
from ticketing_server.projects.structs import BoardColumnRow
from ticketing_server.tickets import queries
from ticketing_server.tickets.checks import Resolved, Wanted, dates_in_order, resolve
from ticketing_server.tickets.structs import TicketNew, TicketPatch, TicketRow

CREATE = """
WITH created AS (
    INSERT INTO ticket (project, "column", name, description, type, priority_id, urgency,
        importance, company, reporter, due_date, start_date, resolved_at)
    VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
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
LOCK = "SELECT id FROM ticket WHERE id = {} FOR NO KEY UPDATE"

# The fields that are plain columns of the ticket.
PLAIN = frozenset(
    {
        "name",
        "description",
        "type",
        "priority_id",
        "urgency",
        "importance",
        "due_date",
        "start_date",
    }
)


@atomic
async def create(actor: Actor, column: BoardColumnRow, data: TicketNew) -> int:
    """The new ticket's id. Raises Forbidden, Invalid with every wrong field."""
    if data.assignee_ids:
        actor.require(Action.ASSIGN_TICKETS, column.project)
    resolved = await resolve(actor, column.project, _wanted(data), is_new=True)
    if wrong := resolved.wrong | dates_in_order(data.start_date, data.due_date):
        raise Invalid(wrong)
    return await scalar(_creation(actor, column, data, resolved), int)


async def update(actor: Actor, ticket: TicketRow, patch: TicketPatch, if_match: IfMatch) -> None:
    """Raises Forbidden by field, Invalid with every wrong field, Stale, NotFound.

    The ticket was read before the transaction began; should somebody else have changed it since,
    it is locked, read again and judged anew.
    """
    if not await _apply(actor, ticket, patch, if_match):
        await _apply_locked(actor, ticket.id, patch, if_match)


@atomic
async def delete(actor: Actor, ticket: TicketRow, if_match: IfMatch) -> None:
    """For good; that it was there stays in the project's activity. Raises Forbidden, Stale."""
    actor.require(action_to_delete(actor, ticket), ticket.project)
    deleted = Sql("DELETE FROM ticket WHERE id = {} RETURNING version", ticket.id)
    version = await scalar_or_none(deleted, int)
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


def action_to_change(field: str, actor: Actor, ticket: TicketRow) -> Action:
    """Which action of the matrix a change of this field is (rulings 4.5)."""
    return Action.ASSIGN_TICKETS if field == "assignee_ids" else action_to_edit(actor, ticket)


def action_to_edit(actor: Actor, ticket: TicketRow) -> Action:
    """One's own are those one has reported or is assigned to (rulings 4.5)."""
    is_own = actor.id == ticket.reporter or actor.id in ticket.assignee_ids
    return Action.EDIT_OWN_TICKET if is_own else Action.EDIT_OTHERS_TICKETS


def action_to_delete(actor: Actor, ticket: TicketRow) -> Action:
    """One's own are those one has reported (rulings 4.5)."""
    is_own = actor.id == ticket.reporter
    return Action.DELETE_OWN_TICKET if is_own else Action.DELETE_OTHERS_TICKETS


def _wanted(data: TicketNew | TicketPatch) -> Wanted:
    return Wanted(
        assignee_ids=data.assignee_ids,
        company=data.company,
        tag_ids=data.tag_ids,
        tag_names=data.tag_names,
    )


def _creation(actor: Actor, column: BoardColumnRow, data: TicketNew, resolved: Resolved) -> Sql:
    return Sql(
        CREATE,
        column.project,
        column.id,
        data.name,
        data.description,
        data.type,
        data.priority_id,
        data.urgency,
        data.importance,
        resolved.company,
        actor.id,
        data.due_date,
        data.start_date,
        now() if column.category == "done" else None,
        resolved.assignee_ids,
        resolved.tag_ids,
        actor.id,
    )


@atomic
async def _apply(actor: Actor, ticket: TicketRow, patch: TicketPatch, if_match: IfMatch) -> bool:
    """False, with nothing written, when the ticket is no longer the one that was read."""
    if_match.check(ticket.version)
    sent = patch.changes()
    for field in sent:
        actor.require(action_to_change(field, actor, ticket), ticket.project)
    resolved = await resolve(actor, ticket.project, _wanted(patch), is_new=False)
    if wrong := resolved.wrong | _misfits(ticket, sent):
        raise Invalid(wrong)
    changes = _history(ticket, sent, resolved)
    if not changes:
        return True
    changed = _changed(ticket, _new_values(ticket, sent, resolved))
    if not await execute(recorded(changed, actor.id, changes)):
        return False
    await _replace_sets(ticket, sent, resolved)
    return True


@atomic
async def _apply_locked(actor: Actor, ticket: int, patch: TicketPatch, if_match: IfMatch) -> None:
    await execute(Sql(LOCK, ticket))
    present = await queries.get_row(actor, ticket)
    if not await _apply(actor, present, patch, if_match):
        raise Conflict


def _misfits(ticket: TicketRow, sent: Mapping[str, Any]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if sent.get("column", ticket.column) not in ticket.board:
        wrong["column"] = f'Invalid pk "{sent["column"]}" - object does not exist.'
    start = sent.get("start_date", ticket.start_date)
    return wrong | dates_in_order(start, sent.get("due_date", ticket.due_date))


def _new_values(ticket: TicketRow, sent: Mapping[str, Any], resolved: Resolved) -> dict[str, Any]:
    """The columns to write."""
    values = {field: value for field, value in sent.items() if field in PLAIN}
    if "company" in sent:
        values["company"] = resolved.company
    if "column" in sent:
        values["column"] = sent["column"]
        is_done = ticket.board[sent["column"]].category == "done"
        values["resolved_at"] = (ticket.resolved_at or now()) if is_done else None
    return values


def _changed(ticket: TicketRow, values: Mapping[str, Any]) -> Sql:
    """The change itself; a ticket of which only people or tags change is touched all the same."""
    assignments = [Sql(f'"{name}" = {{}}', value) for name, value in values.items()]
    return Sql(
        "UPDATE ticket SET {} WHERE id = {} AND version = {} RETURNING project, id",
        joined(", ", [*assignments, Sql("updated_at = clock_timestamp()")]),
        ticket.id,
        ticket.version,
    )


def _history(ticket: TicketRow, sent: Mapping[str, Any], resolved: Resolved) -> list[Change]:
    """What really differs, as it will be read: people as ids, everything else by name."""
    changes = [Change(name, getattr(ticket, name), sent[name]) for name in sent if name in PLAIN]
    if "column" in sent:
        old, new = ticket.board[ticket.column], ticket.board[sent["column"]]
        changes += [Change("column", old.name, new.name)] if old.id != new.id else []
    if "company" in sent and resolved.company != ticket.company:
        changes.append(Change("company", ticket.company_name, resolved.company_name))
    if "assignee_ids" in sent:
        changes.append(
            Change("assignee_ids", sorted(ticket.assignee_ids), sorted(resolved.assignee_ids))
        )
    if sent.keys() & {"tag_ids", "tag_names"}:
        changes.append(Change("tag_names", sorted(ticket.tag_names), sorted(resolved.tag_names)))
    return [change for change in changes if change.old != change.new]


async def _replace_sets(ticket: TicketRow, sent: Mapping[str, Any], resolved: Resolved) -> None:
    if "assignee_ids" in sent:
        await _replace("ticket_assignee", "account", ticket, resolved.assignee_ids)
    if sent.keys() & {"tag_ids", "tag_names"}:
        await _replace("ticket_tag", "tag", ticket, resolved.tag_ids)


async def _replace(table: str, column: str, ticket: TicketRow, wanted: list[int]) -> None:
    """The rows that stay are left alone, so one statement can take away and add."""
    await execute(
        Sql(
            f"WITH gone AS (DELETE FROM {table} WHERE ticket = {{}} AND {column} <> ALL({{}}))"
            f" INSERT INTO {table} (project, ticket, {column})"
            " SELECT {}, {}, one FROM unnest({}::bigint[]) WITH ORDINALITY AS w(one, n) ORDER BY n"
            f" ON CONFLICT (ticket, {column}) DO NOTHING",
            ticket.id,
            wanted,
            ticket.project,
            ticket.id,
            wanted,
        )
    )
