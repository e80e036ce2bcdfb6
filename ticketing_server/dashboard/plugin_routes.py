"""A plugin's own routes, below `/api/plugins/{name}/`, and what it does at start and stop.

Its InitPlugins get an AppConfig of their own: what they add there becomes one router, tried out
before the server's is made, so that a plugin which fails half-way has added nothing.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from inspect import isawaitable, signature
from typing import Any, cast

import msgspec
from litestar import Litestar, Router
from litestar.config.app import AppConfig
from litestar.routes import HTTPRoute

from ticketing_server.core.application import Application
from ticketing_server.dashboard.plugin import Plugin
from ticketing_server.dashboard.signatures import Unfit

logger = logging.getLogger(__name__)

START_SECONDS = 5
OPEN = "open"
# What of an AppConfig a router has too; the rest is the server's own affair.
OF_A_ROUTER = (
    "route_handlers",
    "dependencies",
    "guards",
    "middleware",
    "exception_handlers",
    "before_request",
    "after_request",
    "after_response",
    "opt",
    "tags",
    "type_decoders",
    "type_encoders",
    "signature_namespace",
)


Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


class Routes(msgspec.Struct, frozen=True):
    """`lifespan` runs as long as the server does."""

    router: Router | None = None
    lifespan: Lifespan | None = None


NO_ROUTES = Routes()


def routes_of(plugin: Plugin, dependencies: Mapping[str, Any]) -> Routes:
    """Raises Unfit, and whatever the plugin or Litestar raises at what it adds."""
    if not plugin.init_plugins:
        return NO_ROUTES
    config = AppConfig()
    for each in plugin.init_plugins:
        config = each.on_app_init(config)
    router = None
    if config.route_handlers:
        given = {name: getattr(config, name) for name in OF_A_ROUTER}
        router = Router(path=f"/plugins/{plugin.name}", **given)
        _try_out(router, dependencies)
    return Routes(router, _lifespan_of(plugin.name, config))


def _try_out(router: Router, dependencies: Mapping[str, Any]) -> None:
    api = Router(path="/api", route_handlers=[router], dependencies=dict(dependencies))
    for route in Application(route_handlers=[api], openapi_config=None, logging_config=None).routes:
        if not isinstance(route, HTTPRoute):
            raise Unfit(f"{route.path} is no HTTP route")
        for handler in route.route_handlers:
            is_options = handler.http_methods == {"OPTIONS"}
            if not (is_options or handler.resolve_guards() or handler.opt.get(OPEN)):
                raise Unfit(f"{route.path} has no guard")


def _lifespan_of(name: str, config: AppConfig) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            await _isolated(name, "start", _start(app, config, stack))
            yield
            await _isolated(name, "stop", _call(app, config.on_shutdown))
            await _isolated(name, "stop", stack.aclose())

    return lifespan


async def _start(app: Litestar, config: Any, stack: AsyncExitStack) -> None:
    for lifespan in config.lifespan:
        held = lifespan(app) if callable(lifespan) else lifespan
        await stack.enter_async_context(cast(AbstractAsyncContextManager[None], held))
    await _call(app, config.on_startup)


async def _call(app: Litestar, hooks: Sequence[Callable[..., Any]]) -> None:
    for hook in hooks:
        result = hook(app) if signature(hook).parameters else hook()
        if isawaitable(result):
            await result


async def _isolated(name: str, when: str, work: Awaitable[None]) -> None:
    """A plugin that fails or hangs at the start or the end of the server does not hold it up."""
    try:
        async with asyncio.timeout(START_SECONDS):
            await work
    except Exception as error:
        logger.error("plugin %s failed at the %s of the server", name, when, exc_info=error)
