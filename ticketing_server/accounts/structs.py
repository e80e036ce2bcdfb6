"""What crosses the wire about people."""

import datetime as dt
from collections.abc import Set
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from ticketing_server.access.matrix import Role
from ticketing_server.core.secrets.passwords import weakness
from ticketing_server.core.structs import Email, Id, In, OptionalName, Out, Patch
from ticketing_server.projects.structs import ProjectKey

Username = Annotated[
    str, Meta(min_length=3, max_length=150, pattern=r"^[\w@.+-]+$", examples=["john"])
]
Secret = Annotated[str, Meta(max_length=1024, examples=["SecurePass123!"])]
ProjectName = Annotated[str, Meta(min_length=1, max_length=255)]


class UserBrief(Out):
    id: int
    username: str
    email: str
    first_name: str
    last_name: str


class NewAccount(In):
    """What every new account needs."""

    username: Username
    email: Email
    password: Secret

    @classmethod
    def misfits(cls, given: dict[str, Any], sent: Set[str]) -> dict[str, str]:
        """A password is judged beside the names it must not contain (rulings 2.3)."""
        weak = "password" in given and weakness(
            given["password"], username=given.get("username", ""), email=given.get("email", "")
        )
        return {"password": weak} if weak else {}


class Registration(NewAccount):
    """`project_key` and `project_name` come together, or not at all (rulings 2.1)."""

    password_confirm: Secret
    first_name: OptionalName = ""
    last_name: OptionalName = ""
    project_key: ProjectKey | None = None
    project_name: ProjectName | None = None

    @classmethod
    def misfits(cls, given: dict[str, Any], sent: Set[str]) -> dict[str, str]:
        wrong = super().misfits(given, sent)
        if given.get("password") != given.get("password_confirm"):
            wrong["password_confirm"] = "The two passwords do not match."
        if "project_name" in sent and "project_key" not in sent:
            wrong["project_key"] = "This field is required together with project_name."
        if "project_key" in sent and "project_name" not in sent:
            wrong["project_name"] = "This field is required together with project_key."
        return wrong


class ProjectBrief(Out):
    id: int
    name: str
    key: str


class TokenPair(Out):
    refresh: str
    access: str


class Registered(Out):
    message: str
    user: UserBrief
    project: ProjectBrief | None
    tokens: TokenPair


class Credentials(In):
    """`username` may be the email."""

    username: Annotated[str, Meta(min_length=1, max_length=254, examples=["john"])]
    password: Secret


class LoggedIn(Out):
    message: str
    user: UserBrief
    tokens: TokenPair


class RefreshToken(In):
    refresh: Annotated[str, Meta(min_length=1, max_length=4096)]


class AccessToken(Out):
    access: str


class ProjectRole(Out):
    project_id: int
    project_name: str
    role: Role


class CompanyBrief(Out):
    id: int
    name: str


class Me(Out):
    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    is_superuser: bool
    is_staff: bool
    project_roles: list[ProjectRole]
    administered_companies: list[CompanyBrief]
    member_companies: list[CompanyBrief]
    version: int


class UserOut(Out):
    """Projects and companies that the caller does not see are left out (rulings 6.7)."""

    id: int
    username: str
    email: str | None
    first_name: str
    last_name: str
    is_active: bool | None
    is_staff: bool | None
    is_superuser: bool | None
    date_joined: dt.datetime | None
    last_login: dt.datetime | None
    project_roles: list[ProjectRole]
    administered_companies: list[CompanyBrief]
    member_companies: list[CompanyBrief]
    version: int


class UserNew(NewAccount):
    """`project`: where the account is created (rulings 6.8); optional as in rulings 3.6."""

    first_name: OptionalName = ""
    last_name: OptionalName = ""
    is_active: bool = True
    is_staff: bool = False
    is_superuser: bool = False
    project: Id | None = None


class UserPatch(Patch):
    """Names and email are everybody's own; the rest is for who manages the account."""

    username: Username | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    first_name: OptionalName | UnsetType = UNSET
    last_name: OptionalName | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    is_staff: bool | UnsetType = UNSET
    is_superuser: bool | UnsetType = UNSET


class NewPassword(In):
    """`old_password` is needed for one's own."""

    password: Secret
    old_password: Secret = ""


class Toggled(Out):
    message: str
    is_active: bool
