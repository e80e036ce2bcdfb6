"""The shortest way to a `@read`: to its route at once, once it is known who asks.

What lies between otherwise (Litestar's own layers, and middleware for what changes something) has
nothing to do with a read that goes well, and costs a third of a detail's time in the process
(docs/performance.md). A read that fails goes the ordinary way with its failure, and is answered
there as any other.
"""

from typing import Any, NamedTuple, cast

from litestar import Litestar
from litestar._kwargs import KwargsModel
from litestar.routes import HTTPRoute
from litestar.types import Message, Receive, Scope, Send
from litestar.utils.path import normalize_path

from ticketing_server.access.asker import Asker
from ticketing_server.access.authentication import (
    FAILED,
    KEY_HEADER,
    Authentication,
    Failed,
    headers_of,
)
from ticketing_server.access.guards import signed_in
from ticketing_server.access.reading import ReadHandler
from ticketing_server.core.body import JSONRequest
from ticketing_server.core.errors import Unauthenticated
from ticketing_server.core.no_null import may_say_null


class Read(NamedTuple):
    """A handler, and how Litestar takes its parameters from a request."""

    handler: ReadHandler
    parameters: KwargsModel


class ShortWay:
    """Around the app, in whose place it answers reads."""

    def __init__(self, app: Litestar, authentication: Authentication) -> None:
        self._app = app
        self._authentication = authentication
        routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
        found = [(route.path_format, _read_of(route)) for route in routes]
        self._reads = {path: read for path, read in found if read}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = cast(dict[str, Any], scope)
        if (read := self.find(given)) and (asker := self._asker(given)):
            await self._read(read, asker, given, receive, send)
        else:
            await self._app(scope, receive, send)

    def find(self, scope: dict[str, Any]) -> Read | None:
        """Puts into the scope what Litestar's router does."""
        if scope.get("method") != "GET":
            return None
        try:
            _, handler, path, values, template = self._app.asgi_router.handle_routing(
                path=normalize_path(scope["path"]), method="GET"
            )
        except Exception:
            return None
        read = self._reads.get(template)
        if read:
            scope |= {
                "route_handler": handler,
                "path": path,
                "path_params": values,
                "path_template": template,
            }
        return read

    def _asker(self, scope: dict[str, Any]) -> Asker | None:
        """None for who comes with another key, from another site, or with nothing that is good."""
        if may_say_null(cast(Scope, scope)):
            return None
        try:
            headers = headers_of(cast(Scope, scope))
            is_usual = b"origin" not in headers and KEY_HEADER not in headers
            return self._authentication.asker(headers) if is_usual else None
        except Unauthenticated:
            return None

    async def _read(
        self, read: Read, asker: Asker, scope: dict[str, Any], receive: Receive, send: Send
    ) -> None:
        has_begun = False

        async def begin(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        state = scope.get("state", {})
        scope |= {"user": asker, "app": self._app, "litestar_app": self._app, "state": {**state}}
        try:
            request = JSONRequest(cast(Scope, scope), receive, begin)
            answer = await read.handler.answer(request, read.parameters)
            await answer(cast(Scope, scope), receive, begin)
        except Exception as error:
            if has_begun:
                raise
            scope |= {FAILED: Failed(asker, error), "state": state}
            await self._app(cast(Scope, scope), receive, send)


def _read_of(route: HTTPRoute) -> Read | None:
    """None also where somebody else's guard has a say."""
    handler, parameters = route.route_handler_map.get("GET", (None, None))
    if isinstance(handler, ReadHandler) and parameters and handler.resolve_guards() == [signed_in]:
        return Read(handler, parameters)
    return None
