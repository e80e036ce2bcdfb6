"""The answer of a server that has more to do than it can."""

from typing import Any

from ticketing_server.connections.limits import RETRY_AFTER

BODY = b'{"detail":"Service temporarily unavailable, try again later."}'
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
    (b"retry-after", str(RETRY_AFTER).encode()),
    (b"connection", b"close"),
]


async def busy(_scope: Any, _receive: Any, send: Any) -> None:
    """503; an ASGI application that costs next to nothing."""
    await send({"type": "http.response.start", "status": 503, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY, "more_body": False})
