"""Giving and taking roles, and coming in by invitation (rulings 6.9)."""

import datetime as dt
import hashlib
import secrets

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action, Role
from ticketing_server.accounts.role_structs import InvitationNew, UserRoleOut
from ticketing_server.audit.acting import audited
from ticketing_server.core import db
from ticketing_server.core.clock import now
from ticketing_server.core.db import Sql, execute, row, scalar
from ticketing_server.core.errors import Forbidden, Invalid, NotFound
from ticketing_server.tables import Invitation

INVITATION_LASTS = dt.timedelta(days=7)

# Who accepts an invitation keeps the higher of two roles.
RANK = [Role.USER, Role.MANAGER, Role.ADMIN, Role.SUPERADMIN]

GRANT = """
INSERT INTO user_role AS r (project, account, role, granted, assigned_by)
VALUES ({}, {}, {}, {}, {})
ON CONFLICT (project, account) DO UPDATE SET role = excluded.role, granted = excluded.granted,
    assigned_by = excluded.assigned_by, assigned_at = now()
RETURNING id, account AS "user", project, role, assigned_at, assigned_by, xmax = 0 AS created
"""
# A higher role stays, whoever gave it; what the invitation grants is remembered beside it, so that
# it is left when a company takes its own back (6.3).
JOIN = """
WITH ranks AS (SELECT {}::varchar[] AS of)
INSERT INTO user_role AS r (project, account, role, granted, assigned_by)
VALUES ({}, {}, {}, {}, {})
ON CONFLICT (project, account) DO UPDATE SET
    (role, granted, assigned_by, assigned_at) = (
        SELECT CASE WHEN o.rank > n.rank THEN r.role ELSE excluded.role END,
            CASE WHEN g.rank > n.rank THEN r.granted ELSE excluded.granted END,
            CASE WHEN o.rank > n.rank THEN r.assigned_by ELSE excluded.assigned_by END,
            CASE WHEN o.rank > n.rank THEN r.assigned_at ELSE now() END
        FROM (SELECT array_position(ranks.of, r.role) AS rank FROM ranks) o,
            (SELECT array_position(ranks.of, r.granted) AS rank FROM ranks) g,
            (SELECT array_position(ranks.of, excluded.role) AS rank FROM ranks) n
    )
RETURNING role
"""
SPEND = """
UPDATE invitation SET accepted_by = {}, accepted_at = now()
WHERE token_hash = {} AND accepted_at IS NULL AND expires_at > now()
    AND (email IS NULL OR lower(email) = (SELECT lower(a.email) FROM account a WHERE a.id = {}))
RETURNING project, role, created_by
"""


class Granted(msgspec.Struct):
    user_role: UserRoleOut
    created: bool


@audited
async def assign(actor: Actor, user: int, project: int, role: Role) -> Granted:
    """An explicit role, in place of any other. Raises Forbidden on one's own, Conflict (3.4)."""
    _check_not_oneself(actor, user, project)
    return await grant(project, user, role, actor.id)


async def grant(project: int, user: int, role: Role, by: int | None) -> Granted:
    """Raises Invalid for a person or project that is gone, Conflict for the last superadmin."""
    wanted = Sql(GRANT, project, user, role.value, role.value, by)
    granted = await row(wanted, dict[str, object])
    assert granted is not None
    created = bool(granted.pop("created"))
    return Granted(msgspec.convert(granted, UserRoleOut), created)


@audited
async def remove(actor: Actor, user: int, project: int) -> None:
    """Raises Forbidden on one's own, NotFound without a role, Conflict for the last superadmin."""
    _check_not_oneself(actor, user, project)
    removed = await execute(
        Sql("DELETE FROM user_role WHERE project = {} AND account = {} RETURNING id", project, user)
    )
    if not removed:
        raise NotFound("This user holds no role in the project.")


@audited
async def invite(actor: Actor, project: int, data: InvitationNew) -> tuple[int, str]:
    """The invitation's id and its token, of which only a hash is kept."""
    token = secrets.token_urlsafe(32)
    invitation = await db.insert(
        Invitation(
            project=project,
            role=data.role.value,
            email=data.email,
            token_hash=_hashed(token),
            created_by=actor.id,
            expires_at=now() + INVITATION_LASTS,
        )
    )
    return invitation, token


class Accepted(msgspec.Struct):
    project: int
    role: Role
    created_by: int | None


@audited
async def accept(actor: Actor, token: str) -> Accepted:
    """The project and the role that the actor now holds there.

    Raises Invalid when the token is spent, expired, unknown, or meant for another email.
    """
    accepted = await row(Sql(SPEND, actor.id, _hashed(token), actor.id), Accepted)
    if accepted is None:
        raise Invalid(token="This invitation is spent, expired, or not meant for you.")
    project, role = accepted.project, accepted.role
    joined = Sql(JOIN, RANK, project, actor.id, role.value, role.value, accepted.created_by)
    return msgspec.structs.replace(accepted, role=await scalar(joined, Role))


@audited
async def revoke(actor: Actor, invitation: int) -> None:
    await db.delete(Invitation, invitation)


def _check_not_oneself(actor: Actor, user: int, project: int) -> None:
    if actor.id == user:
        raise Forbidden(
            "Nobody changes their own role.",
            action=Action.MANAGE_MEMBERS,
            role=actor.roles.get(project),
            roles_allowed=[],
        )


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
