"""Who is signed in to the admin: sessions in the database, each asked after at every request."""

import datetime as dt
import hashlib
import secrets

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.accounts.queries import Account
from ticketing_server.accounts.structs import NewPassword
from ticketing_server.accounts.user_actions import set_password
from ticketing_server.accounts.user_queries import find_managed
from ticketing_server.admin.structs import PasswordChange
from ticketing_server.core import db
from ticketing_server.core.clock import now
from ticketing_server.core.db import Sql, atomic, execute, row
from ticketing_server.core.errors import NotFound, Refusal
from ticketing_server.core.secrets.passwords import verify_password
from ticketing_server.tables import Account as AccountRow
from ticketing_server.tables import AdminSession

# A working day. Nothing prolongs it.
LIFETIME = dt.timedelta(hours=8)

# A changed password and a deactivation move the account's epoch, a deletion takes its sessions.
HOLDER = """
SELECT s.id AS session, a.id, a.token_epoch AS epoch, s.saved_form, s.saved_version
FROM admin_session s JOIN account a ON a.id = s.account
WHERE s.token_hash = {} AND s.expires_at > {} AND s.epoch = a.token_epoch
    AND a.active AND a.superuser
"""


class Holder(msgspec.Struct, frozen=True):
    """The superuser whose session it is."""

    session: int
    id: int
    epoch: int
    saved_form: str | None
    saved_version: int | None


async def sign_in(found: Account | None, password: str) -> str:
    """The token of a new session, kept only as a hash.

    Wrong password, unknown, inactive, no superuser: one answer, in one time (rulings 2.5).
    """
    matches = await verify_password(password, found.password if found else None)
    if not found or not matches or not found.active or not found.superuser:
        raise Refusal("Invalid credentials.")
    token = secrets.token_urlsafe(32)
    await _open(found, token)
    return token


async def holder_of(token: str) -> Holder | None:
    """None once the session has ended, for whatever reason."""
    return await row(Sql(HOLDER, _hashed(token), now()), Holder)


async def sign_out(token: str) -> None:
    """Ends the session, if there is one."""
    await execute(Sql("DELETE FROM admin_session WHERE token_hash = {}", _hashed(token)))


async def note_saved(holder: Holder, form: str, version: int) -> None:
    """So that a form, which keeps the version it was filled from, can be saved once more."""
    saved = {"saved_form": form, "saved_version": version}
    await db.update(AdminSession, holder.session, saved)


async def change_password(holder: Holder, data: PasswordChange) -> None:
    """Ends every session and token of the account (rulings 2.6). Raises Invalid."""
    actor = Actor(id=holder.id, superuser=True)
    person = await find_managed(actor, holder.id)
    if person is None:
        raise NotFound
    given = NewPassword(password=data.new_password, old_password=data.current_password)
    await set_password(actor, person, given)


@atomic
async def _open(account: Account, token: str) -> None:
    moment = now()
    await db.insert(
        AdminSession(
            token_hash=_hashed(token),
            account=account.id,
            epoch=account.token_epoch,
            expires_at=moment + LIFETIME,
        )
    )
    await db.update(AccountRow, account.id, {"last_login": moment})


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
