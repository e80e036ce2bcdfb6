"""Who may pass a door of the admin: a superuser's session, and a page of this very server."""

import hmac
from urllib.parse import urlsplit

from litestar.handlers import BaseRouteHandler

from ticketing_server.access.guards import Connection
from ticketing_server.admin.sessions import holder_of
from ticketing_server.core.errors import Forbidden, Unauthenticated

# The names that Piccolo Admin reads and sends.
SESSION, CSRF = "id", "csrftoken"
CSRF_HEADER = "x-csrftoken"


async def superuser_signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Asked anew at each request, so that a session ends at once. Raises Unauthenticated."""
    token = connection.cookies.get(SESSION)
    holder = await holder_of(token) if token else None
    if holder is None:
        raise Unauthenticated("Sign in to the admin.")
    connection.state.resource = holder


async def from_own_page(connection: Connection, _: BaseRouteHandler) -> None:
    """Raises Forbidden for what another site's page makes a browser send.

    Such a page can neither read the cookie whose value the header repeats, nor hide its origin.
    """
    cookie = connection.cookies.get(CSRF, "")
    header = connection.headers.get(CSRF_HEADER, "")
    if not cookie or not hmac.compare_digest(cookie.encode(), header.encode()):
        raise Forbidden("The page is out of date; load it again.")
    origin = connection.headers.get("origin")
    if origin and urlsplit(origin).netloc != connection.headers["host"]:
        raise Forbidden("Changes are made from the admin's own pages only.")
