"""Which methods a path answers: what OPTIONS and a 405 tell (rulings 1.1, 1.7)."""

from collections.abc import Iterable

from litestar import Litestar
from litestar.middleware import ASGIMiddleware
from litestar.response.base import ASGIResponse
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send


def allow(methods: Iterable[str]) -> str:
    """HEAD is answered wherever GET is."""
    named = set(methods)
    return ", ".join(sorted({*named, "HEAD"} if "GET" in named else named))


class Options(ASGIMiddleware):
    """Answers OPTIONS: Litestar's own answer names one handler's methods, and asks its guards."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope.get("method") != "OPTIONS":
            return await next_app(scope, receive, send)
        allowed = allow(_methods(scope["litestar_app"], scope["path_template"]))
        await ASGIResponse(status_code=204, headers={"allow": allowed})(scope, receive, send)


def _methods(app: Litestar, path: str) -> Iterable[str]:
    routes = (route for route in app.routes if isinstance(route, HTTPRoute))
    return next((route.methods for route in routes if route.path_format == path), ())
