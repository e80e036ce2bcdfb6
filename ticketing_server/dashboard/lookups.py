"""How a guard finds the project whose dashboard is asked for, and a widget what it is asked."""

import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, get_args, get_origin

import msgspec
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, QueryParameter

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, Connection, Guard, Lookup
from ticketing_server.access.matrix import Action
from ticketing_server.core.body import converted
from ticketing_server.core.errors import Invalid, NotFound
from ticketing_server.core.structs import BIGGEST, Id, In
from ticketing_server.dashboard.keeping import Asked
from ticketing_server.dashboard.memory import Memory
from ticketing_server.dashboard.queries import get_enabled
from ticketing_server.dashboard.widget import Parameters, Scope, Widget

# Litestar drops the limits of `Id` without a word, and the database refuses 2^63.
ProjectParameter = Annotated[
    int | None,
    QueryParameter(ge=1, le=BIGGEST, required=True, description="The project; it must be named."),
]


class NamesProject(In):
    project: Id


def project_of(widget: Widget, parameters: type[Parameters], memory: Memory) -> Lookup:
    """The project named in the query, which has the widget enabled.

    Raises Invalid without one, NotFound for one the actor is no member of (rulings 6.10).
    """

    async def lookup(connection: Connection, actor: Actor) -> Asked:
        try:
            project = converted(dict(connection.query_params), NamesProject).project
        except Invalid as wrong:
            raise Invalid({**wrong.fields, **_wrong(connection, parameters)}) from None
        is_kept = widget.is_kept and actor.may(Action.VIEW_ALL_TICKETS, project)
        kept = memory.find((widget.slug, project)) if is_kept else None
        enabled = await get_enabled(actor, project, since=kept.snapshot if kept else None)
        if not enabled.includes(widget.slug):
            raise NotFound(f'The widget "{widget.slug}" is not enabled in this project.')
        answer = kept.answer if kept and not enabled.is_changed else None
        return Asked(project, is_kept, enabled.snapshot, time.monotonic(), answer)

    return lookup


def well_asked(parameters: type[Parameters]) -> Guard:
    """Every wrong parameter at once (rulings 1.6): Litestar would stop at the first wrong type."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if wrong := _wrong(connection, parameters):
            raise Invalid(wrong)

    return guard


async def provide_scope(request: AnyRequest, project: ProjectParameter = None) -> Scope:
    """The project was found by the guard; it stands here so that the contract names it."""
    return Scope(request.user, request.state.resource.project)


async def provide_asked(request: AnyRequest) -> Asked:
    """What the guard has found."""
    return request.state.resource


def provider_of(parameters: type[Parameters]) -> Callable[..., Awaitable[Parameters]]:
    """Reads each field from the query. Raises Invalid on those that are wrong."""

    async def provide(**given: Any) -> Parameters:
        sent = {name: value for name, value in given.items() if value is not None}
        return converted(sent, parameters)

    described: Any = provide
    fields = [_parameter(field) for field in msgspec.structs.fields(parameters)]
    described.__annotations__ = {field.name: field.annotation for field in fields}
    described.__signature__ = inspect.Signature(fields)
    return provide


def _wrong(connection: Connection, parameters: type[Parameters]) -> dict[str, list[str]]:
    """By name, with what is wrong about it."""
    query = connection.query_params
    sent = [field for field in msgspec.structs.fields(parameters) if field.name in query]
    given = {
        field.name: query.getall(field.name) if _is_list(field.type) else query[field.name]
        for field in sent
    }
    try:
        converted(given, parameters)
    except Invalid as wrong:
        return wrong.fields
    return {}


def _is_list(hint: Any) -> bool:
    return get_origin(hint) is list or any(map(_is_list, get_args(hint)))


def _parameter(field: msgspec.structs.FieldInfo) -> inspect.Parameter:
    """A field whose default is made anew each time is one that may be left out."""
    is_plain = field.default is not msgspec.NODEFAULT
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=FromQuery[field.type if is_plain else field.type | None],
        default=field.default if is_plain else None,
    )
