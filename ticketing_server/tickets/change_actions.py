"""Changing a ticket: one transaction, one statement for the change and its history."""

from collections.abc import Mapping
from typing import Any

from ticketing_server.access.actor import Actor
from ticketing_server.core.clock import now
from ticketing_server.core.db import Sql, atomic, day, execute, joined
from ticketing_server.core.entity import IfMatch
from ticketing_server.core.errors import Conflict, Invalid, missing
from ticketing_server.events.actions import Change, recorded
from ticketing_server.projects.actions import HELD, PLACED
from ticketing_server.tickets import queries
from ticketing_server.tickets.checks import Resolved, Wanted, resolve
from ticketing_server.tickets.ownership import action_to_change
from ticketing_server.tickets.structs import TicketPatch, TicketRow, dates_in_order

CHANGE = """
UPDATE ticket t SET {} FROM ({}) AS held
WHERE t.project = held.id AND t.id = {} AND t.version = {} RETURNING t.project, t.id
"""
MOVE = """
UPDATE ticket t SET {}, "column" = placed.id,
    resolved_at = CASE placed.category WHEN 'done' THEN coalesce(t.resolved_at, {}) END
FROM ({}) AS placed
WHERE t.project = placed.project AND t.id = {} AND t.version = {} RETURNING t.project, t.id
"""
LOCK = """
SELECT t.id FROM ({}) AS held JOIN ticket t ON t.project = held.id
WHERE t.id = {} FOR NO KEY UPDATE OF t
"""

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
DAYS = frozenset({"due_date", "start_date"})


async def update(actor: Actor, ticket: TicketRow, patch: TicketPatch, if_match: IfMatch) -> None:
    """Raises Forbidden by field, Invalid with every wrong field, Stale, NotFound.

    The ticket was read before the transaction began; should somebody else have changed it since,
    it is locked, read again and judged anew.
    """
    if not await _apply(actor, ticket, patch, if_match):
        await _apply_locked(actor, ticket, patch, if_match)


@atomic
async def _apply(actor: Actor, ticket: TicketRow, patch: TicketPatch, if_match: IfMatch) -> bool:
    """False, with nothing written, when the ticket is no longer the one that was read."""
    if_match.check(ticket.version)
    sent = patch.changes()
    for field in sent:
        actor.require(action_to_change(field, actor, ticket), ticket.project)
    resolved = await resolve(actor, ticket.project, Wanted.of(patch), is_new=False)
    if wrong := resolved.wrong | _misfits(ticket, sent):
        raise Invalid(wrong)
    changes = _history(ticket, sent, resolved)
    if not changes:
        return True
    changed = _changed(ticket, _new_values(sent, resolved), sent.get("column"))
    if not await execute(recorded(changed, actor.id, changes)):
        return False
    await _replace_sets(ticket, sent, resolved)
    return True


@atomic
async def _apply_locked(
    actor: Actor, ticket: TicketRow, patch: TicketPatch, if_match: IfMatch
) -> None:
    await execute(Sql(LOCK, Sql(HELD, ticket.project), ticket.id))
    present = await queries.get_row(actor, ticket.id)
    if not await _apply(actor, present, patch, if_match):
        raise Conflict


def _misfits(ticket: TicketRow, sent: Mapping[str, Any]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if sent.get("column", ticket.column) not in ticket.board:
        wrong["column"] = missing(sent["column"])
    start = sent.get("start_date", ticket.start_date)
    return wrong | dates_in_order(start, sent.get("due_date", ticket.due_date))


def _new_values(sent: Mapping[str, Any], resolved: Resolved) -> dict[str, Any]:
    """The columns to write, but for the board's own."""
    plain = {field: value for field, value in sent.items() if field in PLAIN}
    values = {field: day(value) if field in DAYS else value for field, value in plain.items()}
    if "company" in sent:
        values["company"] = resolved.company
    return values


def _changed(ticket: TicketRow, values: Mapping[str, Any], column: int | None) -> Sql:
    """The change itself; a ticket of which only people or tags change is touched all the same."""
    assignments = [Sql(f'"{name}" = {{}}', value) for name, value in values.items()]
    assigned = joined(", ", [*assignments, Sql("updated_at = clock_timestamp()")])
    held = Sql(HELD, ticket.project)
    if column is None:
        return Sql(CHANGE, assigned, held, ticket.id, ticket.version)
    placed = Sql(PLACED, held, column)
    return Sql(MOVE, assigned, now(), placed, ticket.id, ticket.version)


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
