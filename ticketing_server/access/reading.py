"""`@read`: a GET for anybody signed in, answered in one statement (access/asker.py)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

from litestar import HttpMethod, Litestar
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp
from typing_extensions import override

from ticketing_server.access.authentication import ASKING
from ticketing_server.access.guards import AnyRequest, Connection, signed_in

ANSWER = "answer"

Answering = Callable[[Any, AnyRequest], ASGIApp]
Guards = Sequence[Callable[[Connection, BaseRouteHandler], Awaitable[None]]]


def read(
    path: str, *, answer: Answering, dependencies: Mapping[str, Any] | None = None
) -> "ReadHandler":
    """What the decorated function returns is made the answer by `answer`: `entity` or `listed`."""
    return ReadHandler(
        path,
        http_method=HttpMethod.GET,
        guards=[signed_in],
        opt={ASKING: True, ANSWER: answer},
        dependencies=dependencies,
    )


class ReadHandler(HTTPRouteHandler):
    """The shorter way through Litestar, for the reads that are asked most.

    Beside `@get` it saves what costs two fifths of a detail's time before the database
    (docs/performance.md): a copy of the handler for each guard, and a `Response` to which five
    layers may add.
    """

    __slots__ = ()

    @override
    async def authorize_connection(self, connection: Connection) -> None:
        for guard in cast(Guards, self.resolve_guards()):
            await guard(connection, self)

    @override
    async def to_response(self, app: Litestar, data: Any, request: AnyRequest) -> ASGIApp:
        return self.opt[ANSWER](data, request)
