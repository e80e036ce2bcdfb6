"""The examples of the API reference, as they stand there: requests, answers, and what is like what.

Only ids are put in place: the reference's 1 is whatever the test's database has made.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, convert

FOLDER = Path(__file__).with_name("examples")


class Example(Struct, kw_only=True):
    """`like` names the heading whose items this one answers with; `[...]` a list of them."""

    heading: str
    statuses: list[int]
    query: str = ""
    request: dict[str, Any] | None = None
    form: dict[str, Any] | None = None
    response: Any = None
    like: str | None = None

    @property
    def method(self) -> str:
        return self.heading.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.heading.partition(" ")[2]


def _read() -> dict[str, list[Example]]:
    files = sorted(FOLDER.glob("*.json"))
    return {file.stem: convert(json.loads(file.read_text()), list[Example]) for file in files}


SECTIONS = _read()
EXAMPLES = [example for section in SECTIONS.values() for example in section]


def documented(example: Example) -> Any:
    """The answer that the reference shows, or says this one is like."""
    if example.like is None:
        return example.response
    name = example.like.strip("[]")
    shown = next(one.response for one in EXAMPLES if one.heading == name and one.response)
    if name == example.heading:
        return shown
    item = _item(shown)
    return [item] if example.like.startswith("[") else item


def _item(shown: Any) -> Any:
    if isinstance(shown, list):
        return shown[0]
    return shown["results"][0] if "results" in shown else shown


def misfits(shown: Any, answered: Any, nullable: frozenset[str], at: str = "answer") -> list[str]:
    """Where the answer lacks a documented field, or has it in another JSON type."""
    if shown is None or shown == "...":
        return []
    if answered is None and at.rpartition(".")[2] in nullable:
        return []
    if json_type(shown) != json_type(answered):
        return [f"{at} is {json_type(answered)}, not {json_type(shown)}"]
    if isinstance(shown, Mapping):
        return [
            wrong
            for name, value in shown.items()
            for wrong in (
                misfits(value, answered[name], nullable, f"{at}.{name}")
                if name in answered
                else [f"{at}.{name} is missing"]
            )
        ]
    if isinstance(shown, list) and shown:
        return [wrong for one in answered for wrong in misfits(shown[0], one, nullable, at)]
    return []


def json_type(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value) if value is None else "boolean"
    names = {str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return names[type(value)]
