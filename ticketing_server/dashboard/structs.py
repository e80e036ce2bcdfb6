"""What crosses the wire about widgets."""

from typing import Any

from ticketing_server.access.matrix import Role
from ticketing_server.core.structs import Out
from ticketing_server.dashboard.drawing import Show


class ParameterOut(Out):
    """A query parameter of a widget; `schema` is a JSON Schema with its limits and default."""

    name: str
    required: bool
    schema: dict[str, Any]


class WidgetOut(Out):
    """`show` says how to draw the answer of `path`; `kind` is the kind of drawing.

    `roles` are those that may see it, `plugin` and `version` say where it comes from.
    """

    slug: str
    title: str
    description: str
    kind: str
    show: Show
    parameters: list[ParameterOut]
    roles: list[Role]
    path: str
    plugin: str
    version: str
