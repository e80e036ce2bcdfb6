"""How a widget's answer is drawn, so that a front-end can draw one that it has never heard of.

`rows` names the field of the answer that holds the list to draw, "" where the answer is that list.
Every other field named here is a field of one row (of the answer itself for `Stat`).
"""

from typing import Literal

from ticketing_server.core.structs import Out

Format = Literal["text", "number", "date", "time"]


class Field(Out):
    """One field of a row, under the title that people read."""

    name: str
    title: str
    format: Format = "text"


class Stat(Out, tag_field="kind", tag="stat"):
    """One number."""

    value: str
    unit: str = ""


class Table(Out, tag_field="kind", tag="table"):
    columns: list[Field]
    rows: str = ""


class Bar(Out, tag_field="kind", tag="bar"):
    """A group of bars for every row, a bar for each of the values."""

    label: str
    values: list[Field]
    rows: str = ""


class Line(Out, tag_field="kind", tag="line"):
    """A line for each of the values, over `x`."""

    x: str
    values: list[Field]
    rows: str = ""


class Donut(Out, tag_field="kind", tag="donut"):
    label: str
    value: str
    rows: str = ""


class List(Out, tag_field="kind", tag="list"):
    """An item for every row: its title, and the details below it."""

    title: str
    details: list[Field]
    rows: str = ""


Show = Stat | Table | Bar | Line | Donut | List


def fields_of(show: Show) -> list[str]:
    """Every field that a row must have."""
    match show:
        case Stat():
            return [show.value]
        case Table():
            return [field.name for field in show.columns]
        case Bar():
            return [show.label, *(field.name for field in show.values)]
        case Line():
            return [show.x, *(field.name for field in show.values)]
        case Donut():
            return [show.label, show.value]
        case List():
            return [show.title, *(field.name for field in show.details)]
