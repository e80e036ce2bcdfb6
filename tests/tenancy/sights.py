"""One request of somebody who looks, and how far its answer is read: no further than the model."""

from collections.abc import Callable
from typing import Any, NamedTuple

WHOLE = "page_size=100"


class Sight(NamedTuple):
    """One request, and what the viewer is to find in it."""

    path: str
    expected: Any
    read: Callable[[Any, Any], Any]


def listed(path: str, expected: dict[int, Any]) -> Sight:
    """A list, whole and counted."""
    path += f"{'&' if '?' in path else '?'}{WHOLE}"

    def read(found: Any, _: Any) -> Any:
        assert found["count"] == len(found["results"])
        return alike(expected, found["results"])

    return Sight(path, expected, read)


def shown(path: str, expected: Any) -> Sight:
    return Sight(path, expected, lambda found, _: only(found, expected))


def alike(expected: dict[int, Any], found: list[Any]) -> dict[int, Any]:
    return {one["id"]: only(one, expected.get(one["id"], {})) for one in found}


def only(found: Any, fields: Any) -> Any:
    return {name: _plain(found[name]) for name in fields}


def _plain(value: Any) -> Any:
    """A list of things by their ids, in order; a role by its project."""
    if not isinstance(value, list):
        return value
    return sorted(_key(one) for one in value)


def _key(one: Any) -> Any:
    if not isinstance(one, dict):
        return one
    return (one["project_id"], one["role"]) if "role" in one else one["id"]


def spoken(comment: Any) -> Any:
    author = comment["user"]
    return {"user": author and author["id"], "email": author and author["email"]}
