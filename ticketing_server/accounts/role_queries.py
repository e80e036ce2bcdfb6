"""Every read of roles, members and invitations."""

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import people_known_to, roles_visible_to
from ticketing_server.accounts.role_structs import HeldRole, InvitationOut, Invited, MemberOut
from ticketing_server.core.db import Sql, row, rows
from ticketing_server.core.errors import NotFound

ROLES = """
SELECT r.id, r.project AS project_id, p.name AS project_name, p.key AS project_key, r.role,
    r.assigned_at
FROM user_role r JOIN project p ON p.id = r.project JOIN account a ON a.id = r.account
WHERE a.id = {} AND {} AND {} ORDER BY p.name, p.id
"""
MEMBERS = """
SELECT a.id, a.username, CASE WHEN {} THEN a.email END AS email, a.first_name, a.last_name,
    r.role, r.assigned_at
FROM user_role r JOIN account a ON a.id = r.account
WHERE r.project = {} AND {} ORDER BY a.username, a.id
"""
INVITATIONS = """
SELECT id, project, role, email, created_by, created_at, expires_at, accepted_at
FROM invitation WHERE project = {} AND {} ORDER BY created_at, id
"""


async def list_roles(actor: Actor, user: int) -> list[HeldRole]:
    """None of somebody whom the actor knows by name only (rulings 6.7)."""
    return await rows(Sql(ROLES, user, roles_visible_to(actor), people_known_to(actor)), HeldRole)


async def list_members(actor: Actor, project: int) -> list[MemberOut]:
    return await rows(
        Sql(MEMBERS, people_known_to(actor), project, roles_visible_to(actor)), MemberOut
    )


async def list_invitations(project: int) -> list[InvitationOut]:
    return await rows(Sql(INVITATIONS, project, Sql("TRUE")), InvitationOut)


async def find_invitation(project: int, invitation: int) -> InvitationOut | None:
    return await row(Sql(INVITATIONS, project, Sql("id = {}", invitation)), InvitationOut)


async def show_invited(project: int, invitation: int, token: str) -> Invited:
    """The one answer that carries the token. Raises NotFound."""
    found = await find_invitation(project, invitation)
    if found is None:
        raise NotFound
    return Invited(**msgspec.structs.asdict(found), token=token)
