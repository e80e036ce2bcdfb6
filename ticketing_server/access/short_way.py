"""The shortest way to a `@read`: to its route at once, once it is known who asks.

What lies between otherwise (Litestar's own layers, and middleware for what changes something) has
nothing to do with a read that goes well, and costs a third of a detail's time in the process
(docs/performance.md). A read that fails goes the ordinary way with its failure, and is answered
there as any other.
"""

from typing import Any, cast

from litestar import Litestar
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
from ticketing_server.access.reading import ReadHandler
from ticketing_server.core.errors import Unauthenticated
from ticketing_server.core.no_null import may_say_null


class ShortWay:
    """Around the app, in whose place it answers reads."""

    def __init__(self, app: Litestar, authentication: Authentication) -> None:
        self._app = app
        self._authentication = authentication
        routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
        self._reads = {route.path_format: route for route in routes if _is_read(route)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = cast(dict[str, Any], scope)
        if (route := self.find(given)) and (asker := self._asker(given)):
            await self._read(route, asker, given, receive, send)
        else:
            await self._app(scope, receive, send)

    def find(self, scope: dict[str, Any]) -> HTTPRoute | None:
        """Puts into the scope what Litestar's router does."""
        if scope.get("method") != "GET":
            return None
        try:
            _, handler, path, values, template = self._app.asgi_router.handle_routing(
                path=normalize_path(scope["path"]), method="GET"
            )
        except Exception:
            return None
        route = self._reads.get(template)
        if route:
            scope |= {
                "route_handler": handler,
                "path": path,
                "path_params": values,
                "path_template": template,
            }
        return route

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
        self, route: HTTPRoute, asker: Asker, scope: dict[str, Any], receive: Receive, send: Send
    ) -> None:
        has_begun = False

        async def begin(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        state = scope.get("state", {})
        scope |= {"user": asker, "app": self._app, "litestar_app": self._app, "state": {**state}}
        try:
            await route.handle(cast(Any, scope), receive, begin)
        except Exception as error:
            if has_begun:
                raise
            scope |= {FAILED: Failed(asker, error), "state": state}
            await self._app(cast(Scope, scope), receive, send)


def _is_read(route: HTTPRoute) -> bool:
    return isinstance(route.route_handler_map.get("GET", (None,))[0], ReadHandler)
