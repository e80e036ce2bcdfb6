"""The texts of a form become the values of a body, as if they had come in JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

import msgspec

from ticketing_server.core.body import fields_of
from ticketing_server.core.structs import In


def values_of(texts: Mapping[str, Sequence[str]], into: type[In]) -> dict[str, Any]:
    """A list is a repeated field, or one with a JSON list; of anything else the last one counts."""
    lists = {field.name for field in fields_of(into) if _is_list(field.type)}
    return {name: _items(given) if name in lists else given[-1] for name, given in texts.items()}


def _items(given: Sequence[str]) -> Any:
    """What is no JSON is left to be refused as what it is."""
    only = given[0].strip()
    if len(given) > 1 or not only.startswith("["):
        return [text for text in given if text.strip()]
    try:
        return msgspec.json.decode(only)
    except (msgspec.DecodeError, RecursionError):
        return only


def _is_list(hint: Any) -> bool:
    return get_origin(hint) is list or any(_is_list(one) for one in get_args(hint))
