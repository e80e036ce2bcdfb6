"""Where the rooms meet."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, cast

from litestar import Litestar, Request, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ticketing_server import openapi, tracing
from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import Asker
from ticketing_server.access.authentication import Authentication
from ticketing_server.access.guards import provide_actor, provide_place, provide_resource
from ticketing_server.access.short_way import ShortWay
from ticketing_server.access.signed import SignedAuthentication
from ticketing_server.accounts import controllers as accounts
from ticketing_server.accounts import member_controllers as members
from ticketing_server.accounts import user_controllers as users
from ticketing_server.admin.router import admin_router
from ticketing_server.audit import controllers as audit
from ticketing_server.audit.retention import remove_older_than
from ticketing_server.companies import controllers as companies
from ticketing_server.companies import logo_controllers as logos
from ticketing_server.companies import membership_controllers as memberships
from ticketing_server.core.application import Application
from ticketing_server.core.body import JSONRequest
from ticketing_server.core.db import DB, pool
from ticketing_server.core.db.replica import REPLICA
from ticketing_server.core.edge import Edge
from ticketing_server.core.entity import provide_if_match
from ticketing_server.core.error_responses import exception_handlers
from ticketing_server.core.idempotency import Idempotency
from ticketing_server.core.listing import provide_page
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.picture_forms import PictureForms
from ticketing_server.core.media.signatures import MediaLinks, Signatures
from ticketing_server.core.media.storage import open_storage
from ticketing_server.core.media.uploads import Uploads
from ticketing_server.core.methods import Options
from ticketing_server.core.no_null import NoNull
from ticketing_server.core.secrets.throttle import NoThrottle, Throttle
from ticketing_server.core.secrets.tokens import Tokens
from ticketing_server.core.telemetry.logs import configure_logging
from ticketing_server.core.telemetry.readings import keep_read_off
from ticketing_server.core.telemetry.worker_metrics import is_shared
from ticketing_server.dashboard.controllers import dashboard
from ticketing_server.dashboard.loading import Plugins, load_plugins
from ticketing_server.health import healthz, readyz, root
from ticketing_server.jobs.housekeeping import Duty, keep_house
from ticketing_server.metrics import metrics
from ticketing_server.openapi import documentation
from ticketing_server.projects import controllers as projects
from ticketing_server.settings import Settings, load_settings
from ticketing_server.tables.violations import explain
from ticketing_server.tags import contact_controllers as contacts
from ticketing_server.tags import controllers as tags
from ticketing_server.tickets import attachment_controllers as attachments
from ticketing_server.tickets import comment_controllers as comments
from ticketing_server.tickets import company_controllers as company_tickets
from ticketing_server.tickets import controllers as tickets
from ticketing_server.tickets.count_lookups import COUNTS
from ticketing_server.tickets.counts import Counts

# A description of 1 MiB may be six times as long in JSON, every character escaped.
LARGEST_BODY = 8 * 1024 * 1024

# What a browser's script may read, beside the answer.
EXPOSED_HEADERS = [
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Retry-After",
    "X-Request-ID",
    "X-Total-Count",
    "X-Unknown-Parameters",
]

CONTROLLERS = [
    accounts.Authentication,
    users.Users,
    members.Acceptance,
    members.Members,
    members.Invitations,
    projects.Projects,
    projects.Columns,
    companies.Companies,
    memberships.Memberships,
    company_tickets.CompanyTickets,
    tags.Tags,
    contacts.Contacts,
    tickets.Tickets,
    attachments.Attachments,
    comments.Comments,
    audit.AuditLog,
]
MEDIA = [attachments.AttachedFiles]
PUBLIC_MEDIA = [logos.LogoFiles]


def create_app(settings: Settings) -> ASGIApp:
    """The whole server as one ASGI application; the database must be configured and migrated."""
    authentication = _authentication(settings)
    litestar = create_litestar(settings, authentication)
    edge = Edge(ShortWay(litestar, authentication), settings.allowed_hosts, _account_of)
    app = tracing.traced(edge) if tracing.is_wanted() else edge
    if not settings.trusted_proxies:
        return app
    # Litestar and uvicorn each have their own names for ASGI's types.
    trusted: Any = ProxyHeadersMiddleware(cast(Any, app), list(settings.trusted_proxies))
    return trusted


def from_environment() -> ASGIApp:
    """For a server process that was started by another one, which has prepared everything."""
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    DB.configure(settings.database_url or "")
    return create_app(settings)


def create_litestar(settings: Settings, authentication: Authentication | None = None) -> Litestar:
    """The routes and what every one of them shares."""
    storage = storage_of(settings)
    plugins = plugins_of(settings)
    return Application(
        route_handlers=[
            _api(settings, storage, plugins, authentication or _authentication(settings)),
            _media(settings),
            Router(path="/media", route_handlers=PUBLIC_MEDIA),
            admin_router(settings, _tokens(settings), _throttle(settings)),
            documentation(lambda: describe(settings)),
            healthz,
            readyz,
            metrics(settings.metrics_token),
            root,
        ],
        dependencies={"storage": Provide(lambda: storage, sync_to_thread=False)},
        middleware=[Options()],
        state=State({"registration": settings.registration, COUNTS: Counts()}),
        request_class=JSONRequest,
        exception_handlers=exception_handlers(explain),
        cors_config=_cors(settings),
        request_max_body_size=LARGEST_BODY,
        lifespan=[_lifespan(settings, storage), *plugins.lifespans()],
        openapi_config=None,
        logging_config=None,
    )


def storage_of(settings: Settings) -> Storage:
    """Where uploaded files lie."""
    return open_storage(settings.media_url, settings.media_directory)


def describe(settings: Settings) -> dict[str, Any]:
    """The OpenAPI document, of an application that has the API's routes and serves nobody."""
    storage = storage_of(settings)
    api = Application(
        route_handlers=[
            _api(settings, storage, plugins_of(settings), _authentication(settings)),
        ],
        dependencies={"storage": Provide(lambda: storage, sync_to_thread=False)},
        openapi_config=openapi.CONFIG,
        logging_config=None,
    )
    return openapi.complete(api)


def plugins_of(settings: Settings) -> Plugins:
    """The installed plugins, those that fit and those that do not."""
    return load_plugins(settings.plugins_disabled, _dependencies(settings))


def _api(
    settings: Settings, storage: Storage, plugins: Plugins, authentication: Authentication
) -> Router:
    slugs = frozenset(offered.widget.slug for offered in plugins.widgets())
    return Router(
        path="/api",
        route_handlers=[*CONTROLLERS, dashboard(plugins.widgets()), *plugins.routers()],
        middleware=[
            authentication,
            NoNull(),
            Uploads(storage, settings.max_upload_mb),
            PictureForms(storage),
            Idempotency(settings.secret_key),
        ],
        dependencies={
            **_dependencies(settings),
            "widgets": Provide(lambda: slugs, sync_to_thread=False),
        },
    )


def _dependencies(settings: Settings) -> dict[str, Provide]:
    """What any handler of the API may ask for."""
    throttle = _throttle(settings)
    tokens, signatures = _tokens(settings), Signatures(settings.secret_key)
    return {
        "actor": Provide(provide_actor, sync_to_thread=False),
        "resource": Provide(provide_resource, sync_to_thread=False),
        "place": Provide(provide_place, sync_to_thread=False),
        "paging": Provide(provide_page),
        "if_match": Provide(provide_if_match),
        "tokens": Provide(lambda: tokens, sync_to_thread=False),
        "throttle": Provide(lambda: throttle, sync_to_thread=False),
        "links": Provide(_links(signatures, settings.media_url_base), sync_to_thread=False),
    }


def _account_of(user: Actor | Asker | None) -> int | None:
    """None for a stranger, and for one who is asking and was refused before they were proven."""
    actor = user.proven if isinstance(user, Asker) else user
    return actor.id if isinstance(actor, Actor) else None


def _authentication(settings: Settings) -> Authentication:
    return Authentication(_tokens(settings), settings.super_secret_key)


def _tokens(settings: Settings) -> Tokens:
    return Tokens(
        settings.secret_key,
        access=dt.timedelta(hours=settings.access_token_hours),
        refresh=dt.timedelta(days=settings.refresh_token_days),
    )


def _throttle(settings: Settings) -> Throttle:
    rate = settings.auth_rate_limit
    return Throttle(rate.hits, rate.seconds) if rate else NoThrottle()


def _media(settings: Settings) -> Router:
    tokens, signatures = _tokens(settings), Signatures(settings.secret_key)
    return Router(
        path="/media",
        route_handlers=MEDIA,
        middleware=[SignedAuthentication(signatures, tokens, settings.super_secret_key)],
    )


def _cors(settings: Settings) -> CORSConfig | None:
    if not settings.cors_allowed_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors_allowed_origins),
        expose_headers=EXPOSED_HEADERS,
    )


def _links(
    signatures: Signatures, base: str | None
) -> Callable[[Request[Any, Any, Any]], MediaLinks]:
    def links(request: Request[Any, Any, Any]) -> MediaLinks:
        """The host was validated at the door."""
        own = f"{request.scope['scheme']}://{request.headers['host']}/media"
        return MediaLinks(base or own, signatures)

    return links


def _duties(settings: Settings) -> list[Duty]:
    """What housekeeping does beside its own; how long the audit log is kept, its operator says."""
    days = settings.audit_log_days
    return [partial(remove_older_than, days)] if days else []


def _lifespan(
    settings: Settings, storage: Storage
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None]:
        size = settings.db_pool_size
        async with pool(size), REPLICA.opened(settings.database_replica_url, size):
            background = [asyncio.create_task(keep_house(storage, *_duties(settings)))]
            if is_shared():
                background.append(asyncio.create_task(keep_read_off()))
            yield
            for task in background:
                task.cancel()

    return lifespan
