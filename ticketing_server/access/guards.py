"""Doors: find the resource inside what the actor may see, then ask the matrix.

Not there, or not visible: 404. Visible but not allowed: 403 (rulings 1.7, 1.13).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from weakref import WeakSet

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import Asker
from ticketing_server.access.matrix import Action
from ticketing_server.core.errors import Forbidden, NotFound
from ticketing_server.core.structs import BIGGEST, Id

Connection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]


class InProject(Protocol):
    """Anything that lies in a project."""

    @property
    def project(self) -> int: ...


class InProjects(Protocol):
    """Anything that lies in several projects at once."""

    @property
    def projects(self) -> Sequence[int]: ...


Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]
FORBIDDING: WeakSet[Guard] = WeakSet()
Lookup = Callable[[Connection, Actor], Awaitable[InProject | None]]
WideLookup = Callable[[Connection, Actor], Awaitable[InProjects | None]]
Naming = Callable[[Actor, Any], Action]


def requires(*actions: Action, on: Lookup, naming: Naming | None = None) -> Guard:
    """Any one of the actions, on what the lookup finds; the handler gets it as `resource`.

    A lookup raises NotFound for what the actor may not see. It returns None for a body too broken
    to name its resource (the body is refused next, for that), and for a request that needs none.
    Of several actions, `naming` says which one is missing for this actor and this resource.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        actor: Actor = connection.user
        resource = await on(connection, actor)
        if resource is None:
            return
        if not any(actor.may(action, resource.project) for action in actions):
            lacked = naming(actor, resource) if naming else actions[0]
            raise actor.refusal(lacked, resource.project)
        connection.state.resource = resource

    return forbidding(guard)


def requires_in_all(action: Action, *, on: WideLookup) -> Guard:
    """The action in every project of what the lookup finds (rulings 6.1); otherwise `requires`."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        actor: Actor = connection.user
        resource = await on(connection, actor)
        if resource is None:
            return
        for project in resource.projects:
            actor.require(action, project)
        connection.state.resource = resource

    return forbidding(guard)


def forbidding(guard: Guard) -> Guard:
    """Marks a guard that may answer 403: the API's description says so."""
    FORBIDDING.add(guard)
    return guard


async def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Any account: what it may see or do is decided further in, row by row."""
    assert isinstance(connection.user, Actor | Asker)


@forbidding
async def superuser(connection: Connection, _: BaseRouteHandler) -> None:
    """What is told to superusers alone; others know that it is there, as with the admin."""
    if not connection.user.superuser:
        raise Forbidden("Only superusers may do this.")


def provide_actor(request: AnyRequest) -> Actor:
    assert isinstance(request.user, Actor)
    return request.user


def asker_of(request: AnyRequest) -> Asker:
    """For handlers marked `asking=True`.

    No dependency: Litestar resolves each beyond the first in a task of its own, which costs a small
    read more than its guard, its parameters and its answer together.
    """
    assert isinstance(request.user, Asker)
    return request.user


def provide_resource(request: AnyRequest, id: FromPath[Id]) -> Any:
    """What the guard has found at the path's id."""
    return request.state.resource


def provide_place(request: AnyRequest) -> Any:
    """What the guard has found by the body; None where it may be left open."""
    return getattr(request.state, "resource", None)


def id_in_path(connection: Connection, name: str = "id") -> int:
    """Raises NotFound for an id that cannot exist (rulings 1.2)."""
    return parsed_id(connection.path_params[name])


def parsed_id(text: str) -> int:
    """Raises NotFound for an id that cannot exist (rulings 1.2)."""
    is_plain = text.isascii() and text.isdecimal() and not text.startswith("0")
    if not is_plain or len(text) > 19 or int(text) > BIGGEST:
        raise NotFound
    return int(text)
