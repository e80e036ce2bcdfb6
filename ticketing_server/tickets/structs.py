"""What crosses the wire about tickets."""

import datetime as dt
from collections.abc import Set
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ticketing_server.core.structs import Id, In, LongText, Name, Out, Patch

TicketName = Annotated[
    str, Meta(min_length=1, max_length=500, examples=["Fix homepage loading issue"])
]
Type = Literal["task", "bug", "story", "epic"]
Level = Literal["low", "medium", "high", "critical"]
Priority = Annotated[int, Meta(ge=1, le=5, examples=[3])]
People = Annotated[list[Id], Meta(max_length=100)]
TagIds = Annotated[list[Id], Meta(max_length=100)]
TagNames = Annotated[list[Name], Meta(max_length=100)]


def dates_in_order(start: dt.date | None, due: dt.date | None) -> dict[str, str]:
    """rulings 4.8"""
    if start and due and due < start:
        return {"due_date": "The due date must not be before the start date."}
    return {}


class TicketOut(Out):
    """`status` and `column_name` are the column's; `following` is the caller's."""

    id: int
    name: str
    description: str
    type: Type
    status: str
    priority_id: int
    urgency: Level
    importance: Level
    project: int
    project_key: str
    column: int
    column_name: str
    assignee_ids: list[int]
    following: bool
    comments_count: int
    tag_names: list[str]
    due_date: dt.date | None
    start_date: dt.date | None
    created_at: dt.datetime
    updated_at: dt.datetime
    key: str
    number: int
    company: int | None
    company_name: str | None
    reporter: int | None
    resolved_at: dt.datetime | None
    tag_ids: list[int]
    version: int


class TicketNew(In):
    """Name the tags by `tag_ids` or by `tag_names`, not both (rulings 4.7)."""

    name: TicketName
    column: Id
    description: LongText = ""
    type: Type = "task"
    priority_id: Priority = 3
    urgency: Level = "medium"
    importance: Level = "medium"
    assignee_ids: People | UnsetType = UNSET
    tag_ids: TagIds | UnsetType = UNSET
    tag_names: TagNames | UnsetType = UNSET
    company: Id | None | UnsetType = UNSET
    due_date: dt.date | None = None
    start_date: dt.date | None = None

    @classmethod
    def misfits(cls, given: dict[str, Any], sent: Set[str]) -> dict[str, str]:
        return dates_in_order(given.get("start_date"), given.get("due_date"))


class TicketPatch(Patch):
    """Only what is sent is changed; lists replace the whole set."""

    name: TicketName | UnsetType = UNSET
    description: LongText | UnsetType = UNSET
    type: Type | UnsetType = UNSET
    priority_id: Priority | UnsetType = UNSET
    urgency: Level | UnsetType = UNSET
    importance: Level | UnsetType = UNSET
    column: Id | UnsetType = UNSET
    assignee_ids: People | UnsetType = UNSET
    tag_ids: TagIds | UnsetType = UNSET
    tag_names: TagNames | UnsetType = UNSET
    company: Id | None | UnsetType = UNSET
    due_date: dt.date | None | UnsetType = UNSET
    start_date: dt.date | None | UnsetType = UNSET


class Following(Out):
    following: bool


class Person(Out):
    """A person by name; null in its place once the account is deleted."""

    id: int
    username: str
    first_name: str
    last_name: str


class HistoryItem(Out):
    """One change: people and comments stand in the values as ids, everything else by name."""

    id: int
    user: Person | None
    action: str
    field: str | None
    old_value: Any
    new_value: Any
    created_at: dt.datetime


class BoardColumnBrief(msgspec.Struct, frozen=True):
    id: int
    name: str


class TicketRow(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as the rules need it, with the board on which it stands."""

    id: int
    project: int
    number: int
    name: str
    description: str
    type: Type
    priority_id: int
    urgency: Level
    importance: Level
    column: int
    company: int | None
    company_name: str | None
    reporter: int | None
    due_date: dt.date | None
    start_date: dt.date | None
    resolved_at: dt.datetime | None
    version: int
    project_key: str
    assignee_ids: list[int]
    tag_names: list[str]
    board: dict[int, BoardColumnBrief]

    @property
    def key(self) -> str:
        return f"{self.project_key}-{self.number}"


class TicketPlace(msgspec.Struct, frozen=True):
    """A ticket as the place of a comment or an attachment."""

    id: int
    project: int
