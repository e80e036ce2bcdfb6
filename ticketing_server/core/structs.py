"""The kinds of values that cross the wire; limits live in the type (rulings 1.2, 1.9)."""

import datetime as dt
from collections.abc import Set
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta

BIGGEST = 2**63 - 1

Id = Annotated[int, Meta(ge=1, le=BIGGEST, examples=[1])]
Name = Annotated[str, Meta(min_length=1, max_length=255)]
OptionalName = Annotated[str, Meta(max_length=255)]
LongText = Annotated[str, Meta(max_length=1_048_576)]
Color = Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$", examples=["#0052cc"])]
# At least Django's idea of an address: one @, no spaces, a dot in the domain.
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$",
        examples=["someone@example.com"],
    ),
]
Instant = Annotated[dt.datetime, Meta(tz=True)]


class In(msgspec.Struct, kw_only=True):
    """What a client sends. Unknown fields are ignored (rulings 1.6)."""

    @classmethod
    def misfits(cls, given: dict[str, Any], sent: Set[str]) -> dict[str, str]:
        """What is wrong between fields, told by field.

        `given` holds those that are right in themselves, `sent` the names of all that were sent.
        """
        return {}


class Patch(In, kw_only=True):
    """A change: an absent field is left as it is, a null one is cleared."""

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        sent = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: value for name, value in sent if value is not UNSET}


class Out(msgspec.Struct, kw_only=True):
    """What a client receives."""


class Message(Out):
    message: str
