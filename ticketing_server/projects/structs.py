"""What crosses the wire about projects and columns."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ticketing_server.access.matrix import Action, Role
from ticketing_server.core.structs import Color, Id, In, LongText, Name, Out, Patch

ProjectKey = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]{1,9}$", examples=["DEMO"])]
Category = Literal["todo", "in_progress", "done"]
Order = Annotated[int, Meta(ge=0, le=1_000_000)]


class ProjectOut(Out):
    """`role` is the caller's; null for a superuser who holds none.

    `widgets` are those of the project's dashboard, in their order; null means all there are.
    """

    id: int
    name: str
    key: str
    description: str
    created_by: int | None
    created_at: dt.datetime
    updated_at: dt.datetime
    role: Role | None
    widgets: list[str] | None
    version: int


class ProjectNew(In):
    name: Name
    key: ProjectKey
    description: LongText = ""


class ProjectPatch(Patch):
    name: Name | UnsetType = UNSET
    key: ProjectKey | UnsetType = UNSET
    description: LongText | UnsetType = UNSET
    widgets: Annotated[list[Name], Meta(max_length=100)] | None | UnsetType = UNSET


class Permissions(Out):
    """What the caller may do in the project (rulings 1.13)."""

    role: Role | None
    actions: list[Action]


class ColumnOut(Out):
    """`tickets_count` counts the tickets that the caller sees."""

    id: int
    name: str
    status: str
    category: Category
    order: int
    color: str
    project: int
    tickets_count: int
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int


class ColumnNew(In):
    """Without `order` the column comes last; without `category` it is derived (rulings 3.5)."""

    name: Name
    order: Order | None = None
    color: Color = "#0052cc"
    category: Category | None = None
    project: Id | None = None


class ColumnPatch(Patch):
    name: Name | UnsetType = UNSET
    order: Order | UnsetType = UNSET
    color: Color | UnsetType = UNSET
    category: Category | UnsetType = UNSET


class ColumnPlace(In):
    id: Id
    order: Order


class Reorder(In):
    order: Annotated[list[ColumnPlace], Meta(min_length=1, max_length=1000)]


class Reordered(Out):
    status: str = "columns reordered"


class BoardColumnRow(msgspec.Struct, frozen=True):
    """A column as the rules need it."""

    id: int
    project: int
    name: str
    category: Category
    order: int
    version: int
