"""Everything under `/admin/`."""

from litestar import Router
from litestar.di import Provide

from ticketing_server.access.guards import AnyRequest
from ticketing_server.admin.api import Api
from ticketing_server.admin.controllers import Entrance, Page
from ticketing_server.admin.pages import PREFIX, Pages
from ticketing_server.admin.row_controllers import Reading, Rows
from ticketing_server.admin.sessions import Holder
from ticketing_server.core.secrets.throttle import Throttle
from ticketing_server.core.secrets.tokens import Tokens
from ticketing_server.settings import Settings


def admin_router(settings: Settings, tokens: Tokens, throttle: Throttle) -> Router:
    """For superusers; of the application that serves the API, too."""
    pages = Pages(secure=not settings.debug)

    def provide_api(request: AnyRequest) -> Api:
        holder: Holder = request.state.resource
        token = tokens.issue(holder.id, holder.epoch).access
        return Api(request.app, request.scope, token)

    return Router(
        path=PREFIX,
        route_handlers=[Page, Entrance, Reading, Rows],
        dependencies={
            "api": Provide(provide_api, sync_to_thread=False),
            "holder": Provide(_provide_holder, sync_to_thread=False),
            "pages": Provide(lambda: pages, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "throttle": Provide(lambda: throttle, sync_to_thread=False),
        },
        include_in_schema=False,
    )


def _provide_holder(request: AnyRequest) -> Holder:
    return request.state.resource
