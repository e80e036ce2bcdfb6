"""Doors to the document and to the page that shows it; open to everybody."""

import asyncio
import functools
from collections.abc import Callable
from importlib.resources import files

import msgspec
from litestar import Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from ticketing_server.access.authentication import OPEN
from ticketing_server.openapi.answers import Described

# The page runs only the scripts beside it and talks only to its own server.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ticketing Server API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#api", deepLinking: true,
  validatorUrl: null});
"""
ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}


def documentation(describe: Callable[[], Described]) -> Router:
    """`describe` makes the document; it is asked once, when somebody first wants it.

    That takes a while, so it does not happen on the event loop.
    """

    @functools.cache
    def document() -> bytes:
        return msgspec.json.encode(describe())

    @get("/openapi.json", include_in_schema=False, opt={OPEN: True})
    async def openapi_json() -> Response[bytes]:
        return Response(await asyncio.to_thread(document), media_type="application/json")

    @get("/docs/", include_in_schema=False, opt={OPEN: True})
    async def page() -> Response[str]:
        headers = {"Content-Security-Policy": POLICY}
        return Response(PAGE, media_type="text/html", headers=headers)

    @get("/docs/{name:str}", include_in_schema=False, opt={OPEN: True})
    async def asset(name: FromPath[str]) -> Response[bytes]:
        if name == "start.js":
            return Response(START.encode(), media_type="text/javascript")
        if name not in ASSETS:
            raise NotFoundException
        return Response(_asset(name), media_type=ASSETS[name], headers=FOR_A_DAY)

    return Router(path="/api", route_handlers=[openapi_json, page, asset])


@functools.cache
def _asset(name: str) -> bytes:
    return files("ticketing_server.openapi").joinpath("swagger", name).read_bytes()
