"""What crosses the wire about comments."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ticketing_server.core.structs import Id, In, Out, Patch

Content = Annotated[
    str,
    Meta(min_length=1, max_length=1_048_576, examples=["I've started working on this issue."]),
]


class Author(Out):
    """`email` is null for a caller who may know the person by name only (rulings 6.7)."""

    id: int
    username: str
    email: str | None
    first_name: str
    last_name: str


class CommentOut(Out):
    """`user` is null once the author's account is deleted (rulings 6.8)."""

    id: int
    ticket: int
    user: Author | None
    content: str
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int


class CommentNew(In):
    ticket: Id
    content: Content


class CommentPatch(Patch):
    content: Content | UnsetType = UNSET


class CommentRow(msgspec.Struct, frozen=True):
    """A comment as the rules need it."""

    id: int
    project: int
    ticket: int
    author: int | None
