"""Doors to widgets: one to their list, and one typed door for each."""

from collections.abc import Awaitable, Callable
from typing import Any, cast, get_origin

from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, requires, signed_in
from ticketing_server.core.listing import IdParameter, ListResponse, Page, cut
from ticketing_server.dashboard import keeping, queries, reading
from ticketing_server.dashboard.keeping import Asked
from ticketing_server.dashboard.loading import Offered
from ticketing_server.dashboard.lookups import (
    project_of,
    provide_asked,
    provide_scope,
    provider_of,
    well_asked,
)
from ticketing_server.dashboard.memory import Memory
from ticketing_server.dashboard.signatures import signature_of
from ticketing_server.dashboard.structs import WidgetOut
from ticketing_server.dashboard.widget import Parameters, Scope


def dashboard(offered: list[Offered]) -> Router:
    """The doors to these widgets."""
    memory = Memory()
    doors = [door_to(each, memory) for each in offered]
    return Router(
        path="/tickets/dashboard",
        route_handlers=[door_to_list(offered), *doors],
        tags=["Dashboard"],
    )


def door_to_list(offered: list[Offered]) -> HTTPRouteHandler:
    async def list_page(
        request: AnyRequest,
        actor: NamedDependency[Actor],
        paging: NamedDependency[Page],
        project: IdParameter = None,
    ) -> list[WidgetOut]:
        """All widgets of this server; of a project, those that it has enabled for the caller."""
        if project is None:
            return cut(request, paging, queries.list_all(offered))
        return cut(request, paging, await queries.list_of_project(actor, project, offered))

    list_page.__qualname__ = "Dashboard.list_page"
    return get("/", guards=[signed_in], response_class=ListResponse)(list_page)


def door_to(offered: Offered, memory: Memory) -> HTTPRouteHandler:
    """`GET /{slug}/`: guarded, its parameters read, its answer typed as the widget says."""
    widget, signature = offered.widget, signature_of(offered.widget.read)
    is_array = get_origin(signature.answer) is list
    read = cast(Any, _array_of(offered) if is_array else _object_of(offered, memory))
    parameters = signature.parameters or Parameters
    read.__qualname__ = f"Dashboard.{widget.slug.replace('-', '_')}"
    read.__doc__ = widget.description
    read.__annotations__ |= {
        "parameters": NamedDependency[parameters],
        "return": signature.answer,
    }
    door = get(
        f"/{widget.slug}/",
        guards=[
            requires(widget.action, on=project_of(widget, parameters, memory)),
            well_asked(parameters),
        ],
        response_class=ListResponse,
        dependencies={
            "asked": Provide(provide_asked),
            "asking": Provide(provide_scope),
            "parameters": Provide(provider_of(parameters)),
        },
    )
    return door(read)


def _object_of(offered: Offered, memory: Memory) -> Callable[..., Awaitable[Any]]:
    async def read(
        asked: NamedDependency[Asked], asking: NamedDependency[Scope], parameters: Parameters
    ) -> Any:
        if asked.answer:
            return asked.answer
        if asked.is_kept:
            return await keeping.read(offered, asked, asking, memory)
        return await reading.read(offered, asking, parameters)

    return read


def _array_of(offered: Offered) -> Callable[..., Awaitable[Any]]:
    async def read(
        request: AnyRequest,
        asking: NamedDependency[Scope],
        paging: NamedDependency[Page],
        parameters: Parameters,
    ) -> Any:
        return cut(request, paging, await reading.read(offered, asking, parameters))

    return read
