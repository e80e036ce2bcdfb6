"""A body becomes a struct, or every wrong field at once in the reference's words (rulings 1.6)."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from ticketing_server.core.body import decode
from ticketing_server.core.errors import Invalid, Refusal
from ticketing_server.core.structs import Color, Email, Id, In, Instant, Name, Patch


class Inner(In):
    id: Id


class Everything(In):
    """One field of each kind."""

    name: Name = "-"
    id: Id = 1
    flag: bool = False
    day: dt.date | None = None
    count: int | None = None
    moment: Instant | None = None
    color: Color = "#000000"
    email: Email | None = None
    kind: Literal["bug", "task"] = "task"
    ids: Annotated[list[Id], Meta(max_length=2)] = []
    names: list[Name] = []
    inner: list[Inner] = []
    password: str = ""


NOT_A_DATE = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
NOT_A_MOMENT = "Datetime has wrong format. Use this format instead: YYYY-MM-DDThh:mm:ssZ."


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", None, "This field may not be null."),
        ("name", "  ", "This field may not be blank."),
        ("name", 1, "Not a valid string."),
        ("name", "x" * 256, "Ensure this field has no more than 255 characters."),
        ("name", "a\0b", "Null and control characters are not allowed."),
        ("id", "x", "A valid integer is required."),
        ("id", 1.5, "A valid integer is required."),
        ("id", True, "A valid integer is required."),
        ("id", 0, "Ensure this value is greater than or equal to 1."),
        ("id", 2**63, "Ensure this value is less than or equal to 9223372036854775807."),
        ("id", 10**400, "Ensure this value is less than or equal to 9223372036854775807."),
        ("flag", "maybe", "Must be a valid boolean."),
        ("day", "2026-02-30", NOT_A_DATE),
        ("day", "0000-00-00", NOT_A_DATE),
        ("day", "10000-01-01", NOT_A_DATE),
        ("day", 20260101, NOT_A_DATE),
        ("day", "null", NOT_A_DATE),
        ("count", " NULL ", "A valid integer is required."),
        ("moment", "2026-01-01", NOT_A_MOMENT),
        ("moment", "2026-01-01T25:00:00Z", NOT_A_MOMENT),
        ("moment", "2026-01-01T00:00:00", NOT_A_MOMENT),
        ("color", "red", "Enter a color such as #0052cc."),
        ("email", "nowhere", "Enter a valid email address."),
        ("kind", "riddle", '"riddle" is not a valid choice.'),
        ("ids", "1", "Expected a list of items."),
        ("ids", [1, 2, 3], "Ensure this field has no more than 2 elements."),
        ("ids", [1, "x"], "A valid integer is required."),
        ("names", [""], "This field may not be blank."),
        ("names", ["a\0b"], "Null and control characters are not allowed."),
        ("inner", [1], "Expected an object."),
        ("inner", [{"id": None}], "This field may not be null."),
        ("inner", [{}], 'Each item needs the field "id".'),
    ],
)
def test_a_wrong_value_is_told_in_the_references_words(field, value, message):
    with pytest.raises(Invalid) as wrong:
        decode(msgspec.json.encode({field: value}), Everything)

    assert wrong.value.fields == {field: [message]}


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("name", "  e\u0301\r\n! ", "\u00e9\n!"),
        ("password", "  a  ", "  a  "),
        ("id", "7", 7),
        ("id", 2**63 - 1, 2**63 - 1),
        ("flag", "true", True),
        ("day", "9999-12-31", dt.date.max),
        ("day", None, None),
        ("moment", "2026-01-01T02:00:00+02:00", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        ("names", [" a "], ["a"]),
        ("inner", [{"id": 1, "more": {}}], [Inner(id=1)]),
    ],
)
def test_a_good_value_is_kept_clean(field, given, kept):
    assert getattr(decode(msgspec.json.encode({field: given}), Everything), field) == kept


def test_unknown_fields_are_ignored():
    assert decode(b'{"id": 2, "is_superuser": true, "": []}', Everything) == Everything(id=2)


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"{", b"[" * 10**6, b"\xff"])
def test_what_is_no_object_is_refused_whole(body):
    with pytest.raises(Refusal) as refused:
        decode(body, Everything)

    assert not isinstance(refused.value, Invalid)


class Renaming(Patch):
    name: Name | UnsetType = UNSET
    day: dt.date | None | UnsetType = UNSET


def test_what_is_absent_is_left_and_what_is_null_is_cleared():
    assert decode(b"{}", Renaming).changes() == {}
    assert decode(b'{"day": null}', Renaming).changes() == {"day": None}
    with pytest.raises(Invalid):
        decode(b'{"name": null}', Renaming)
