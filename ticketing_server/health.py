"""`/healthz`: the process is alive. `/readyz`: the database is there and migrated."""

from litestar import Response, get
from litestar.response import Redirect

from ticketing_server.core.errors import Unavailable
from ticketing_server.core.structs import Out
from ticketing_server.database import pending_migrations


class Health(Out):
    status: str


@get("/healthz", include_in_schema=False)
async def healthz() -> Health:
    return Health(status="ok")


@get("/readyz", include_in_schema=False)
async def readyz() -> Response[Health]:
    """Raises Unavailable; so does a database that is away."""
    if pending := await pending_migrations():
        raise Unavailable(5, f"{len(pending)} migrations are still to be run.")
    return Response(Health(status="ok"))


@get("/", include_in_schema=False)
async def root() -> Redirect:
    """Until there are pages, a browser is shown the API."""
    return Redirect("/api/docs/")
