"""A JSON body becomes a struct: every wrong field at once, in the reference's words."""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar, cast, get_type_hints

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection

from ticketing_server.core.errors import Invalid, Refusal, Unfit, UnsupportedMediaType
from ticketing_server.core.structs import In
from ticketing_server.core.text import clean, verbatim

T = TypeVar("T", bound=In)

JSON = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)
DEEPEST = 64
# Blanks at the ends of a password are part of it.
VERBATIM = frozenset(
    {
        "password",
        "password_confirm",
        "old_password",
        "current_password",
        "new_password",
        "confirm_new_password",
    }
)
REQUIRED = "This field is required."
# In the request's state: the files that its form has brought, by field. They stand for what its
# body says there.
FILES = "files"
Read = tuple[dict[str, Any], dict[str, list[str]]]


class IncomingFile(Protocol):
    """A file that is looked at no sooner than the rest of its body."""

    async def opened(self) -> Any:
        """What the field is to hold. Raises Unfit."""


class JSONRequest(Request[Any, Any, Any]):
    """A request whose body is read by `decode`, once, into what its handler wants."""

    async def json(self) -> Any:
        check_media_type(self)
        values, wrong = await _read_request(self)
        if wrong:
            raise Invalid(wrong)
        return body_type(self)(**values)


def body_type(connection: ASGIConnection[Any, Any, Any, Any]) -> type[In]:
    """What the handler of this request wants to be given."""
    data = connection.route_handler.parsed_data_field
    assert data is not None
    return data.annotation


def check_media_type(request: ASGIConnection[Any, Any, Any, Any]) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if not JSON.fullmatch(media_type):
        raise UnsupportedMediaType(f'Unsupported media type "{media_type}" in request.')


def decode(raw: bytes, into: type[T]) -> T:
    """The body as a struct. Raises Invalid with every wrong field, or Refusal."""
    return converted(json_object(raw), into)


def converted(given: Mapping[str, Any], into: type[T]) -> T:
    """Values by name as a struct. Raises Invalid with every wrong one."""
    values, wrong = _read(given, into)
    if wrong:
        raise Invalid(wrong)
    return into(**values)


async def peek(connection: ASGIConnection[Any, Any, Any, Any], into: type[T]) -> T | None:
    """A few fields of the body, before its handler reads it; None where they are not to be had.

    For a lookup that must know which project a request is about. A body that cannot say so is
    refused a moment later, for what is wrong with it.
    """
    request = JSONRequest(connection.scope, connection.receive)
    try:
        return decode(await request.body(), into)
    except Refusal:
        return None


async def refusal(connection: ASGIConnection[Any, Any, Any, Any], **wrong: str) -> Invalid:
    """These wrong fields, together with whatever else is wrong with the body."""
    request = JSONRequest(connection.scope, connection.receive)
    _, also = await _read_request(request)
    return Invalid({**also, **{name: [message] for name, message in wrong.items()}})


async def _read_request(request: Request[Any, Any, Any]) -> Read:
    given = json_object(await request.body())
    files: dict[str, IncomingFile] = request.scope["state"].get(FILES, {})
    unfit: dict[str, list[str]] = {}
    for name, file in files.items():
        try:
            given[name] = await file.opened()
        except Unfit as error:
            unfit[name] = [str(error)]
    values, wrong = _read(given, body_type(request))
    return values, {**wrong, **unfit}


def json_object(raw: bytes) -> dict[str, Any]:
    """The fields of a JSON body, as they were sent. Raises Refusal."""
    try:
        given = msgspec.json.decode(raw or b"{}")
    except RecursionError:
        raise Refusal("JSON parse error - the body nests too deep.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"JSON parse error - {error}") from None
    if not isinstance(given, dict):
        raise Refusal(f"Invalid data. Expected an object, but got {_kind(given)}.")
    fields = cast(dict[str, Any], given)
    if _is_deeper(fields, DEEPEST):
        raise Refusal("JSON parse error - the body nests too deep.")
    return fields


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in _within(value))


def _within(container: Any) -> Iterable[Any]:
    return cast(dict[str, Any], container).values() if isinstance(container, dict) else container


def _read(given: Mapping[str, Any], into: type[In]) -> Read:
    values: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for field in fields_of(into):
        if field.name not in given:
            if field.required:
                wrong[field.name] = [REQUIRED]
            continue
        value = given[field.name]
        try:
            cleaned = _cleaned(value, verbatim if field.name in VERBATIM else clean)
            values[field.name] = _converted(cleaned, field.type)
        except Unfit as error:
            wrong[field.name] = [str(error)]
        except msgspec.ValidationError as error:
            wrong[field.name] = [explain(str(error), value)]
    sent = {name for name, value in given.items() if value is not None}
    misfits = {name: [message] for name, message in into.misfits(values, sent).items()}
    return values, {**misfits, **wrong}


class Field(NamedTuple):
    """A field of a body, by its name on the wire."""

    name: str
    type: Any
    required: bool


@functools.cache
def fields_of(into: type[msgspec.Struct]) -> list[Field]:
    hints = get_type_hints(into, include_extras=True)
    return [
        Field(field.encode_name, hints[field.name], field.required)
        for field in msgspec.structs.fields(into)
    ]


def _converted(value: Any, into: Any) -> Any:
    """Numbers and dates may come as text. Raises ValidationError."""
    found = msgspec.convert(value, into, strict=False)
    # Read so, the text `null` is one; read strictly, it is what is wrong with the field.
    return found if found is not None or value is None else msgspec.convert(value, into)


def _cleaned(value: Any, clean_text: Any) -> Any:
    match value:
        case str():
            return clean_text(value)
        case list():
            return [_cleaned(one, clean_text) for one in _within(value)]
        case dict():
            pairs = cast(dict[str, Any], value)
            return {key: _cleaned(one, clean_text) for key, one in pairs.items()}
        case _:
            return value


# msgspec's words on the left, the reference's on the right; the first that fits.
WORDS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r">= 1 - at `\$\.size`"), "The submitted file is empty."),
    (re.compile(r"got `null`"), "This field may not be null."),
    (re.compile(r"Expected `int(?: \| null)?`, got"), "A valid integer is required."),
    (re.compile(r"Expected `str(?: \| null)?`, got"), "Not a valid string."),
    (re.compile(r"Expected `bool(?: \| null)?`"), "Must be a valid boolean."),
    (re.compile(r"Expected `array(?: \| null)?`, got"), "Expected a list of items."),
    (re.compile(r"Expected `object`"), "Expected an object."),
    (re.compile(r"missing required field `(\w+)`"), 'Each item needs the field "{0}".'),
    (
        re.compile(r"Expected `Picture`"),
        "The submitted data was not a file. Check the encoding type on the form.",
    ),
    (
        re.compile(r"encoded date\b|Expected `date(?: \| null)?`"),
        "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
    ),
    (
        re.compile(r"encoded datetime|Expected `datetime"),
        "Datetime has wrong format. Use this format instead: YYYY-MM-DDThh:mm:ssZ.",
    ),
    (re.compile(r"`str` of length >= 1\b"), "This field may not be blank."),
    (re.compile(r"`array` of length >= (\d+)"), "Ensure this field has at least {0} elements."),
    (re.compile(r"length >= (\d+)"), "Ensure this field has at least {0} characters."),
    (
        re.compile(r"`str.*` of length <= (\d+)"),
        "Ensure this field has no more than {0} characters.",
    ),
    (
        re.compile(r"`array` of length <= (\d+)"),
        "Ensure this field has no more than {0} elements.",
    ),
    (re.compile(r"`int` <= (-?\d+)"), "Ensure this value is less than or equal to {0}."),
    (re.compile(r"`int` >= (-?\d+)"), "Ensure this value is greater than or equal to {0}."),
    (re.compile(r"matching regex '\^#"), "Enter a color such as #0052cc."),
    (
        re.compile(r"matching regex '\^\[A-Z\]"),
        "Use 2 to 10 capital letters and digits, beginning with a letter.",
    ),
    (
        re.compile(r"matching regex '\^\[\\+w"),
        "Use letters, digits and @ . + - _ only, without a space.",
    ),
    (re.compile(r"matching regex .*@"), "Enter a valid email address."),
    (re.compile(r"matching regex"), "Enter a valid value."),
]


def explain(message: str, value: Any) -> str:
    """A msgspec message in the reference's words."""
    if message.startswith("Invalid enum value"):
        return f'"{value}" is not a valid choice.'
    for pattern, words in WORDS:
        if found := pattern.search(message):
            return words.format(*found.groups())
    return message.partition(" - at ")[0]


def _kind(value: Any) -> str:
    kinds = {"list": "a list", "str": "a string", "bool": "a boolean", "NoneType": "null"}
    return kinds.get(type(value).__name__, "a number")
