"""What a widget's `read` says of itself: its parameters, its answer, and whether they fit."""

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, cast, get_args, get_origin, get_type_hints

import msgspec

from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import fields_of
from ticketing_server.dashboard.widget import Parameters, Widget

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_SLUG = 50
# What every widget's door reads itself.
TAKEN = frozenset({"project", "page", "page_size"})


class Unfit(Exception):
    """Why a plugin, or a widget of it, cannot be used."""


class Signature(msgspec.Struct, frozen=True):
    """`row` is the struct that the answer is, or is a list of."""

    answer: Any
    row: type[msgspec.Struct]
    parameters: type[Parameters] | None

    def encoded(self, answer: Any) -> msgspec.Raw | list[msgspec.Raw]:
        """As JSON, an array row by row. Raises TypeError for what `read` did not promise."""
        if get_origin(self.answer) is not list:
            return self._encoded(answer)
        if not isinstance(answer, list):
            raise TypeError(f"answered {type(answer).__name__}, not a list")
        return [self._encoded(row) for row in cast(list[Any], answer)]

    def _encoded(self, row: Any) -> msgspec.Raw:
        if not isinstance(row, self.row):
            raise TypeError(f"answered {type(row).__name__}, not {self.row.__name__}")
        return msgspec.Raw(msgspec.json.encode(row))


@functools.cache
def signature_of(read: Callable[..., Any]) -> Signature:
    """Raises Unfit where `read` is not what `Widget` asks for."""
    if not inspect.iscoroutinefunction(read):
        raise Unfit("`read` is not an `async def` function")
    hints = get_type_hints(read, include_extras=True)
    names = list(inspect.signature(read).parameters)
    answer = hints.get("return")
    row = get_args(answer)[0] if get_origin(answer) is list else answer
    if not (isinstance(row, type) and issubclass(row, Out)):
        raise Unfit("`read` must be annotated to return an `Out`, or a list of them")
    if not 1 <= len(names) <= 2:
        raise Unfit("`read` takes the scope, and parameters if it has any")
    return Signature(answer, row, _parameters(hints.get(names[1])) if len(names) == 2 else None)


def check_widget(widget: Widget) -> None:
    """Raises Unfit with the first thing that keeps the widget from being served."""
    if not isinstance(cast(object, widget), Widget):
        raise Unfit(f"{widget!r} is not a Widget")
    if not SLUG.fullmatch(widget.slug) or len(widget.slug) > LONGEST_SLUG:
        raise Unfit(f'widget "{widget.slug}": a slug is lower-case words joined by hyphens')
    try:
        _check_drawing(widget, signature_of(widget.read))
    except Unfit as unfit:
        raise Unfit(f'widget "{widget.slug}": {unfit}') from None


def _parameters(hint: Any) -> type[Parameters]:
    if not (isinstance(hint, type) and issubclass(hint, Parameters)):
        raise Unfit("the second argument of `read` must be annotated as a `Parameters`")
    for field in msgspec.structs.fields(hint):
        if field.name in TAKEN:
            raise Unfit(f"the parameter `{field.name}` is the server's own")
        if field.required:
            raise Unfit(f"the parameter `{field.name}` has no default")
    return hint


def _check_drawing(widget: Widget, signature: Signature) -> None:
    row = _drawn_row(widget, signature)
    known = {field.name for field in msgspec.structs.fields(row)}
    if unknown := [name for name in fields_of(widget.show) if name not in known]:
        raise Unfit(f"`show` names `{unknown[0]}`, which {row.__name__} does not have")


def _drawn_row(widget: Widget, signature: Signature) -> type[msgspec.Struct]:
    rows: str = getattr(widget.show, "rows", "")
    if not rows:
        return signature.row
    hints = get_type_hints(signature.row)
    drawn = get_args(hints.get(rows))
    if not drawn:
        raise Unfit(f"`show` names the rows `{rows}`, no list of {signature.row.__name__}")
    return drawn[0]
