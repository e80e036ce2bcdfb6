"""JSON Schema of what crosses the wire, drawn from its types.

Litestar draws it too, but loses the limits of a list's items and of nullable numbers.
"""

import datetime as dt
import itertools
import re
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import msgspec
from litestar.datastructures import UploadFile
from litestar.params import ParameterKwarg
from msgspec import NODEFAULT, UNSET, Meta, UnsetType

from ticketing_server.core.media.pictures import Picture
from ticketing_server.core.structs import In

Schema = dict[str, Any]

PLAIN: dict[Any, Schema] = {
    NoneType: {"type": "null"},
    Picture: {
        "type": "string",
        "format": "binary",
        "description": "A PNG, JPEG, GIF or WebP file of a form, at most 5 MB and 25 megapixels;"
        " its first frame is kept. In JSON only null, in a form an empty text: no picture.",
    },
    UploadFile: {"type": "string", "format": "binary"},
    bool: {"type": "boolean"},
    bytes: {"type": "string", "format": "binary"},
    dict: {"type": "object"},
    dt.date: {"type": "string", "format": "date"},
    dt.datetime: {"type": "string", "format": "date-time"},
    float: {"type": "number"},
    int: {"type": "integer"},
    list: {"type": "array", "items": {}},
    str: {"type": "string"},
}
BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}
LIMITS = {
    **BOUNDS,
    "pattern": "pattern",
    "description": "description",
    "examples": "examples",
}
GENERIC = re.compile(r"(\w+)\[(?:.*\.)?(\w+)\]$")
RULING = re.compile(r" \([^()]*\d\.\d+[^()]*\)")


class Schemas:
    """Draws each struct and enum once, under its name in `components`."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._names: dict[Any, str] = {}

    def of(self, hint: Any) -> Schema:
        """What the type lets through; a type that is not known here lets everything through."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return _limited(self.of(arguments[0]), arguments[1:])
        if origin in (Union, UnionType):
            return self._any_of([one for one in arguments if one is not UnsetType])
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin is list:
            return {"type": "array", "items": self.of(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if hint in PLAIN:
            return dict(PLAIN[hint])
        return self._reference(hint) if _has_name(origin or hint) else {}

    def of_parameter(self, hint: Any) -> Schema:
        """An address cannot say null: leaving a parameter out is how it is not given."""
        if get_origin(hint) is Annotated:
            inner, *metadata = get_args(hint)
            return _limited(self.of_parameter(inner), tuple(metadata))
        if get_origin(hint) in (Union, UnionType):
            return self._any_of([one for one in get_args(hint) if one is not NoneType])
        return self.of(hint)

    def _any_of(self, hints: list[Any]) -> Schema:
        drawn = [self.of(one) for one in hints]
        return drawn[0] if len(drawn) == 1 else {"anyOf": drawn}

    def _reference(self, kind: Any) -> Schema:
        if kind not in self._names:
            name = self._names[kind] = self._free_name(kind)
            self.components[name] = {}
            self.components[name] = _described(kind, self._drawn(kind))
        return {"$ref": f"#/components/schemas/{self._names[kind]}"}

    def _free_name(self, kind: Any) -> str:
        """Two rooms, or two plugins, may have a struct of one name."""
        *rooms, module = kind.__module__.split(".")
        names = itertools.accumulate([*reversed(rooms), module], _in_room, initial=_name(kind))
        return next(each for each in names if each not in self.components)

    def _drawn(self, kind: Any) -> Schema:
        if isinstance(kind, type) and issubclass(kind, Enum):
            return {"type": "string", "enum": [member.value for member in kind]}
        fields = msgspec.structs.fields(cast(Any, kind))
        tag = _tag(kind)
        required = [field.encode_name for field in fields if _is_always_there(kind, field)]
        return {
            "type": "object",
            "properties": {**tag, **{field.encode_name: self._field(field) for field in fields}},
            "required": [*tag, *required],
        }

    def _field(self, field: msgspec.structs.FieldInfo) -> Schema:
        drawn = self.of(field.type)
        if field.default in (NODEFAULT, UNSET, None):
            return drawn
        return {**drawn, "default": msgspec.to_builtins(field.default)}


def _limited(drawn: Schema, metadata: tuple[Any, ...]) -> Schema:
    limits = dict(drawn)
    for meta in metadata:
        if isinstance(meta, Meta):
            limits |= _of_meta(meta, "Items" if drawn.get("type") == "array" else "Length")
        if isinstance(meta, ParameterKwarg):
            limits |= _given(meta, BOUNDS)
    return limits


def _of_meta(meta: Meta, counted: str) -> Schema:
    words = {**LIMITS, "min_length": f"min{counted}", "max_length": f"max{counted}"}
    return {**_given(meta, words), **(meta.extra_json_schema or {})}


def _given(meta: Any, words: dict[str, str]) -> Schema:
    found = {word: getattr(meta, name) for name, word in words.items()}
    return {word: limit for word, limit in found.items() if limit is not None}


def _has_name(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct | Enum)


def _name(kind: Any) -> str:
    """`PagedTicketOut` for `Paged[TicketOut]`."""
    generic = GENERIC.search(str(kind))
    return generic[1] + generic[2] if generic else kind.__name__


def _tag(kind: Any) -> Schema:
    """What tells one struct of a union from the others."""
    config = (get_origin(kind) or kind).__struct_config__
    return {config.tag_field: {"const": config.tag}} if config.tag_field else {}


def _in_room(name: str, room: str) -> str:
    return room.title().replace("_", "") + name


def _described(kind: Any, drawn: Schema) -> Schema:
    docstring = (get_origin(kind) or kind).__dict__.get("__doc__") or ""
    description = RULING.sub("", docstring.partition("\n\n")[0])
    return {"description": description, **drawn} if description else drawn


def _is_always_there(kind: Any, field: msgspec.structs.FieldInfo) -> bool:
    """An answer carries its defaults, a request may leave them out."""
    if UnsetType in get_args(field.type):
        return False
    return field.required or not issubclass(get_origin(kind) or kind, In)
