"""What crosses the wire about contacts."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ticketing_server.core.structs import Id, In, LongText, Name, OptionalName, Out, Patch

# As `Email`, or nothing: a contact may be known by telephone only.
OptionalEmail = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^([^@\s]+@[^@\s.]+(\.[^@\s.]+)+)?$",
        examples=["g.beridze@example.com"],
    ),
]
Phone = Annotated[str, Meta(max_length=64, examples=["+995 555 123 456"])]


class ContactOut(Out):
    id: int
    name: str
    email: str
    phone: str
    title: str
    department: str
    description: str
    created_at: dt.datetime
    updated_at: dt.datetime
    project: int
    version: int


class ContactNew(In):
    name: Name
    email: OptionalEmail = ""
    phone: Phone = ""
    title: OptionalName = ""
    department: OptionalName = ""
    description: LongText = ""
    project: Id | None = None


class ContactPatch(Patch):
    name: Name | UnsetType = UNSET
    email: OptionalEmail | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    title: OptionalName | UnsetType = UNSET
    department: OptionalName | UnsetType = UNSET
    description: LongText | UnsetType = UNSET


class ContactRow(msgspec.Struct, frozen=True):
    """A contact as the rules need it."""

    id: int
    project: int
