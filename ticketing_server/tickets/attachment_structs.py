"""What crosses the wire about attachments."""

import datetime as dt
from collections.abc import Set
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ticketing_server.core.structs import Id, In, OptionalName, Out


class UploadedFile(In):
    """What the form's file turned out to be; told by the server, not by the client."""

    size: Annotated[int, Meta(ge=1)]
    content_type: str
    sha256: str


class AttachmentNew(In):
    """A multipart form; `filename` defaults to the file's own (rulings 5.4)."""

    ticket: Id
    file: UploadedFile
    filename: OptionalName = ""

    @classmethod
    def misfits(cls, given: dict[str, Any], sent: Set[str]) -> dict[str, str]:
        """The file's own name is here by now, unless it is none: `..`, or nothing but blanks."""
        is_nameless = "file" in given and given.get("filename") == ""
        return {"filename": "This field may not be blank."} if is_nameless else {}


class Uploader(Out):
    id: int
    username: str


class AttachmentOut(Out):
    """`file` opens without a token for an hour. `uploaded_by` is null once the account is deleted.

    An attachment never changes: its version is always 1.
    """

    id: int
    ticket: int
    file: str
    filename: str
    uploaded_by: Uploader | None
    uploaded_at: dt.datetime
    size: int
    content_type: str
    version: int = 1


class AttachmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment as the rules and the media door need it."""

    id: int
    project: int
    ticket: int
    uploaded_by: int | None
    path: str
    filename: str
    content_type: str
    size: int
    version: int = 1
