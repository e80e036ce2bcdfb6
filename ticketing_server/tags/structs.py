"""What crosses the wire about tags and the contacts that hang on them."""

import datetime as dt

import msgspec
from msgspec import UNSET, UnsetType

from ticketing_server.core.structs import Color, Id, In, LongText, Name, OptionalName, Out, Patch


class TagOut(Out):
    """Both counts are of what the caller sees."""

    id: int
    name: str
    description: str
    color: str
    project: int
    project_name: str
    tickets_count: int
    contacts_count: int
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int


class TagNew(In):
    name: Name
    description: LongText = ""
    color: Color = "#0052cc"
    project: Id | None = None


class TagPatch(Patch):
    name: Name | UnsetType = UNSET
    description: LongText | UnsetType = UNSET
    color: Color | UnsetType = UNSET


class ContactBrief(Out):
    id: int
    name: str
    email: str


class TagContactOut(Out):
    """A contact on a tag; `role` is what the contact is there, in words of the provider's own."""

    id: int
    tag: int
    contact: ContactBrief
    role: str
    added_at: dt.datetime


class ContactAddition(In):
    contact_id: Id
    role: OptionalName = ""


class ContactRemoval(In):
    contact_id: Id


class TagRow(msgspec.Struct, frozen=True):
    """A tag as the rules need it."""

    id: int
    project: int
    name: str


class Linked(msgspec.Struct, frozen=True):
    """A contact's link to a tag; `created` is false where it was there before."""

    id: int
    created: bool
