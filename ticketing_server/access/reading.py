"""`@read`: a GET for anybody signed in, answered in one statement (access/asker.py)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

from litestar import HttpMethod, Litestar
from litestar._kwargs import KwargsModel
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp
from typing_extensions import override

from ticketing_server.access.authentication import ASKING, FAILED
from ticketing_server.access.guards import AnyRequest, Connection, signed_in
from ticketing_server.core.entity import Entity
from ticketing_server.core.listing import ListResponse

ResponseClass = type[Entity] | type[ListResponse]
Guards = Sequence[Callable[[Connection, BaseRouteHandler], Awaitable[None]]]


def read(
    path: str, *, response_class: ResponseClass, dependencies: Mapping[str, Any] | None = None
) -> "ReadHandler":
    """As `@get`, for the reads that are asked most."""
    return ReadHandler(
        path,
        http_method=HttpMethod.GET,
        guards=[signed_in],
        opt={ASKING: True},
        response_class=response_class,
        dependencies=dependencies,
    )


class ReadHandler(HTTPRouteHandler):
    """A shorter way through Litestar.

    It saves what costs two fifths of a detail's time before the database (docs/performance.md): a
    copy of the handler for each guard, what may have to be cleaned up after other handlers, and a
    response to which five layers may add.
    """

    __slots__ = ()

    async def answer(self, request: AnyRequest, parameters: KwargsModel) -> ASGIApp:
        """For somebody who is asking, in the place of Litestar's route.

        Raises what the handler raises, and Litestar's ValidationException.
        """
        given = await parameters.to_kwargs(request)
        if parameters.dependency_batches:
            await parameters.resolve_dependencies(request, given)
        read = self.signature_model.parse_values_from_connection_kwargs(request, given)
        return await self.to_response(request.app, await self.fn(**read), request)

    @override
    async def authorize_connection(self, connection: Connection) -> None:
        """Raises what a read has failed with on its short way (access/short_way.py)."""
        if failed := cast(dict[str, Any], connection.scope).get(FAILED):
            raise failed.error
        for guard in cast(Guards, self.resolve_guards()):
            await guard(connection, self)

    @override
    async def to_response(self, app: Litestar, data: Any, request: AnyRequest) -> ASGIApp:
        return cast(ResponseClass, self.resolve_response_class()).answer(data, request)
