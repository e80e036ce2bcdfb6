"""What crosses the wire about roles, members and invitations."""

import datetime as dt
from typing import Annotated

from msgspec import Meta

from ticketing_server.access.matrix import Role
from ticketing_server.accounts.structs import ProjectBrief
from ticketing_server.core.structs import Email, Id, In, Out


class RoleAssignment(In):
    project_id: Id
    role: Role


class RoleRemoval(In):
    project_id: Id


class UserRoleOut(Out):
    id: int
    user: int
    project: int
    role: Role
    assigned_at: dt.datetime
    assigned_by: int | None


class RoleAssigned(Out):
    message: str
    user_role: UserRoleOut
    created: bool


class HeldRole(Out):
    id: int
    project_id: int
    project_name: str
    project_key: str
    role: Role
    assigned_at: dt.datetime


class HeldRoles(Out):
    roles: list[HeldRole]


class MemberOut(Out):
    """`email` is null where the caller knows the person by name only (rulings 6.7)."""

    id: int
    username: str
    email: str | None
    first_name: str
    last_name: str
    role: Role
    assigned_at: dt.datetime


class InvitationNew(In):
    """With `email`, only the account of that address can accept."""

    role: Role
    email: Email | None = None


class InvitationOut(Out):
    id: int
    project: int
    role: Role
    email: str | None
    created_by: int | None
    created_at: dt.datetime
    expires_at: dt.datetime
    accepted_at: dt.datetime | None


class Invited(InvitationOut):
    """`token` is shown this once; the server keeps its hash."""

    token: str


class InvitationToken(In):
    token: Annotated[str, Meta(min_length=1, max_length=255)]


class Joined(Out):
    message: str
    project: ProjectBrief
    role: Role
