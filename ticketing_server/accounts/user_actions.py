"""Changing, disabling and deleting accounts (rulings 6.8)."""

from typing import Any

from ticketing_server.access.actor import Actor
from ticketing_server.accounts.actions import TAKEN
from ticketing_server.accounts.management import (
    check_manages,
    check_may_patch,
    check_not_oneself,
)
from ticketing_server.accounts.structs import NewPassword, UserPatch
from ticketing_server.accounts.user_queries import Managed
from ticketing_server.audit.acting import audited
from ticketing_server.core import db
from ticketing_server.core.db import Sql, execute, row, scalar_or_none
from ticketing_server.core.entity import IfMatch
from ticketing_server.core.errors import Forbidden, Invalid, NotFound
from ticketing_server.core.secrets.passwords import hash_password, verify_password, weakness
from ticketing_server.tables import Account

FLAGS = frozenset({"is_staff", "is_superuser"})
# The API's names for the table's columns, where they differ; `admin` opens the admin pages.
COLUMNS = {"is_active": ("active",), "is_superuser": ("superuser", "admin")}
LOCK = "SELECT version FROM account WHERE id = {} FOR NO KEY UPDATE"
IS_TAKEN = """
SELECT
    EXISTS (SELECT FROM account WHERE id <> {} AND (lower(username) = lower({})
        OR lower(email) = lower({}))) AS username,
    EXISTS (SELECT FROM account WHERE id <> {} AND (lower(email) = lower({})
        OR lower(username) = lower({}))) AS email
"""

# An address that they had before is known by the audit log, unless it is somebody else's by now.
UNINVITE = """
DELETE FROM invitation i USING account a
WHERE a.id = {} AND i.email IS NOT NULL AND (
    lower(i.email) = lower(a.email) OR i.accepted_by = a.id
    OR EXISTS (
        SELECT FROM audit_detail d WHERE d.resource = 'account' AND d.resource_id = a.id
            AND lower(d.old_value ->> 'email') = lower(i.email)
    ) AND NOT EXISTS (SELECT FROM account o WHERE lower(o.email) = lower(i.email))
)
"""


@audited
async def update(actor: Actor, person: Managed, patch: UserPatch, if_match: IfMatch) -> None:
    """Raises Forbidden, Invalid, Stale, Conflict for oneself or a project's last superadmin."""
    check_may_patch(actor, person)
    changes = patch.changes()
    if FLAGS & changes.keys() and not actor.superuser:
        raise Forbidden("Only superusers set is_staff and is_superuser.")
    if changes.get("is_active") is False:
        check_not_oneself(actor, person, "deactivate")
    if changes.get("is_superuser") is False and person.is_superuser:
        check_not_oneself(actor, person, "demote")
    if "is_active" in changes or ("username" in changes and actor.id == person.id):
        check_manages(actor, person)
    await _lock(person, if_match)
    await _check_not_taken(person, changes)
    if changes:
        await db.update(Account, person.id, _columns(changes))


async def set_password(actor: Actor, person: Managed, data: NewPassword) -> None:
    """Ends all sessions of the account. One's own needs the old one. Raises Forbidden, Invalid."""
    wrong: dict[str, str] = {}
    if actor.id != person.id:
        check_manages(actor, person)
    elif not data.old_password:
        wrong["old_password"] = "This field is required."
    elif not await verify_password(data.old_password, person.password):
        wrong["old_password"] = "The old password is not right."
    if weak := weakness(data.password, username=person.username, email=person.email):
        wrong["password"] = weak
    if wrong:
        raise Invalid(wrong)
    await _store_password(actor, person, await hash_password(data.password))


@audited
async def toggle_active(actor: Actor, person: Managed) -> bool:
    """Whether the account is active now. Raises Forbidden, Conflict."""
    check_not_oneself(actor, person, "deactivate")
    check_manages(actor, person)
    toggled = Sql(
        "UPDATE account SET active = NOT active WHERE id = {} RETURNING active", person.id
    )
    is_active = await scalar_or_none(toggled, bool)
    if is_active is None:
        raise NotFound
    return is_active


@audited
async def delete(actor: Actor, person: Managed, if_match: IfMatch) -> None:
    """Their tickets, comments and history stay, without a name. Raises Forbidden, Conflict.

    Invitations to their address go as well: no name, and no email, is left anywhere (rulings 6.8).
    """
    check_not_oneself(actor, person, "delete")
    check_manages(actor, person)
    await _lock(person, if_match)
    await execute(Sql(UNINVITE, person.id))
    await db.delete(Account, person.id)


@audited
async def _store_password(actor: Actor, person: Managed, hashed: str) -> None:
    await db.update(Account, person.id, {"password": hashed})


async def _lock(person: Managed, if_match: IfMatch) -> None:
    version = await scalar_or_none(Sql(LOCK, person.id), int)
    if version is None:
        raise NotFound
    if_match.check(version)


async def _check_not_taken(person: Managed, changes: dict[str, Any]) -> None:
    username, email = changes.get("username"), changes.get("email")
    if username is None and email is None:
        return
    asked = Sql(IS_TAKEN, person.id, username, username, person.id, email, email)
    taken = await row(asked, dict[str, bool]) or {}
    if wrong := {field: TAKEN[field] for field, is_taken in taken.items() if is_taken}:
        raise Invalid(wrong)


def _columns(changes: dict[str, Any]) -> dict[str, Any]:
    return {
        column: value for field, value in changes.items() for column in COLUMNS.get(field, (field,))
    }
