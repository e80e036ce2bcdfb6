"""What crosses the wire about companies."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ticketing_server.accounts.structs import NewAccount, UserBrief
from ticketing_server.companies.health import Fact, Health
from ticketing_server.core.media.pictures import Picture
from ticketing_server.core.structs import Id, In, LongText, Name, OptionalName, Out, Patch

Relation = Literal["admin", "user"]
Phone = Annotated[str, Meta(max_length=64, examples=["555-1234"])]
# Empty, or an address as in `Email`.
OptionalEmail = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^$|^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$",
        examples=["support@acme.com"],
    ),
]
PeopleIds = Annotated[list[Id], Meta(max_length=10_000)]
ProjectIds = Annotated[list[Id], Meta(min_length=1, max_length=1000)]


class CompanyItem(Out):
    """Counts of tickets and projects are of those that the caller sees.

    `admin_names` is empty for a caller who oversees no project of the company (rulings 6.2).
    """

    id: int
    name: str
    description: str
    logo_url: str | None
    logo_thumbnail_url: str | None
    primary_contact_email: str
    phone: str
    admin_count: int
    user_count: int
    ticket_count: int
    project_count: int
    admin_names: list[str]
    created_at: dt.datetime
    updated_at: dt.datetime
    project_ids: list[int]
    version: int


class CompanyOut(Out):
    """`admins` and `users` are empty for a caller who oversees no project of the company (6.2)."""

    id: int
    name: str
    description: str
    logo: str | None
    logo_url: str | None
    logo_thumbnail: str | None
    logo_thumbnail_url: str | None
    primary_contact_email: str
    phone: str
    admins: list[UserBrief]
    admin_count: int
    users: list[UserBrief]
    user_count: int
    ticket_count: int
    project_count: int
    created_at: dt.datetime
    updated_at: dt.datetime
    project_ids: list[int]
    version: int


class CompanyNew(In):
    """Without `project_ids`: the only project in which the caller may create one (3.6)."""

    name: Name
    description: LongText = ""
    primary_contact_email: OptionalEmail = ""
    phone: Phone = ""
    logo: Picture | None = None
    admin_ids: PeopleIds = []
    user_ids: PeopleIds = []
    project_ids: ProjectIds | UnsetType = UNSET


class CompanyPatch(Patch):
    """Only what is sent is changed; lists replace the whole set, with its effect on roles."""

    name: Name | UnsetType = UNSET
    description: LongText | UnsetType = UNSET
    primary_contact_email: OptionalEmail | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    logo: Picture | None | UnsetType = UNSET
    admin_ids: PeopleIds | UnsetType = UNSET
    user_ids: PeopleIds | UnsetType = UNSET
    project_ids: ProjectIds | UnsetType = UNSET


class Member(In):
    user_id: Id


class ClientNew(NewAccount):
    """An account for one of the company's own people; it has no say in the global flags."""

    first_name: OptionalName = ""
    last_name: OptionalName = ""


class MembershipChanged(Out):
    message: str
    company: CompanyOut


class ClientCreated(Out):
    message: str
    user: UserBrief


class Reason(Out):
    """A rule behind the health status: what it counts reached the threshold.

    `tickets` are the keys of the tickets counted, the first twenty of them.
    """

    rule: Fact
    threshold: int
    count: int | None
    tickets: list[str]


class CompanyStats(Out):
    """Of the tickets that the caller sees. `reasons` say why the status is not `healthy`."""

    open_tickets: int
    urgent_tickets: int
    overdue_tickets: int
    resolved_this_month: int
    total_tickets: int
    user_count: int
    admin_count: int
    health_status: Health
    last_activity: dt.datetime | None
    reasons: list[Reason]


class CompanyRow(msgspec.Struct, frozen=True):
    """A company as the rules need it, with all its projects."""

    id: int
    name: str
    version: int
    projects: list[int]


class Places(msgspec.Struct, frozen=True):
    """Projects, by their ids."""

    projects: list[int]
