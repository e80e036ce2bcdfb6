"""Where the rooms meet."""

import datetime as dt
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ticketing_server.access.authentication import Authentication
from ticketing_server.access.guards import provide_actor, provide_place, provide_resource
from ticketing_server.accounts import controllers as accounts
from ticketing_server.accounts import member_controllers as members
from ticketing_server.core import db
from ticketing_server.core.body import JSONRequest
from ticketing_server.core.edge import Edge
from ticketing_server.core.entity import provide_if_match
from ticketing_server.core.error_responses import exception_handlers
from ticketing_server.core.idempotency import Idempotency
from ticketing_server.core.listing import provide_page
from ticketing_server.core.throttle import NoThrottle, Throttle
from ticketing_server.core.tokens import Tokens
from ticketing_server.projects import controllers as projects
from ticketing_server.settings import Settings
from ticketing_server.tables.violations import explain
from ticketing_server.tickets import controllers as tickets

logger = logging.getLogger(__name__)

# A description of 1 MiB may be six times as long in JSON, every character escaped.
LARGEST_BODY = 8 * 1024 * 1024

CONTROLLERS = [
    accounts.Authentication,
    accounts.Users,
    members.Acceptance,
    members.Members,
    members.Invitations,
    projects.Projects,
    projects.Columns,
    tickets.Tickets,
]


def create_app(settings: Settings) -> ASGIApp:
    """The whole server as one ASGI application; the database must be configured and migrated."""
    edge = Edge(_litestar(settings), settings.allowed_hosts)
    if not settings.trusted_proxies:
        return edge
    return ProxyHeadersMiddleware(edge, trusted_hosts=list(settings.trusted_proxies))


def _litestar(settings: Settings) -> Litestar:
    tokens = Tokens(
        settings.secret_key,
        access=dt.timedelta(hours=settings.access_token_hours),
        refresh=dt.timedelta(days=settings.refresh_token_days),
    )
    rate = settings.auth_rate_limit
    throttle = Throttle(rate.hits, rate.seconds) if rate else NoThrottle()
    api = Router(
        path="/api",
        route_handlers=CONTROLLERS,
        middleware=[Authentication(tokens, settings.super_secret_key), Idempotency()],
        dependencies={
            "actor": Provide(provide_actor, sync_to_thread=False),
            "resource": Provide(provide_resource, sync_to_thread=False),
            "place": Provide(provide_place, sync_to_thread=False),
            "paging": Provide(provide_page),
            "if_match": Provide(provide_if_match),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "tokens": Provide(lambda: tokens, sync_to_thread=False),
            "throttle": Provide(lambda: throttle, sync_to_thread=False),
        },
    )
    return Litestar(
        route_handlers=[api],
        request_class=JSONRequest,
        exception_handlers=exception_handlers(explain),
        cors_config=_cors(settings),
        request_max_body_size=LARGEST_BODY,
        lifespan=[_lifespan(settings)],
        openapi_config=None,
        logging_config=None,
    )


def _cors(settings: Settings) -> CORSConfig | None:
    if not settings.cors_allowed_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors_allowed_origins),
        expose_headers=["ETag", "Link", "Retry-After", "X-Total-Count", "X-Request-ID"],
    )


def _lifespan(settings: Settings):
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with db.pool(settings.db_pool_size):
            yield

    return lifespan
