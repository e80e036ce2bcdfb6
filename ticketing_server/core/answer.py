"""An answer that is ready to be sent: status, headers and body, and no more."""

from collections.abc import Mapping
from typing import Any, cast

from litestar.types import Receive, Scope, Send


class Answer:
    """JSON on its way out, without what Litestar's responses can do beside it.

    Those merge cookies, headers and encoders of five layers: a sixth of a detail's own time.
    """

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        self._body = body
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self._body)).encode()),
            *((name.encode(), value.encode("latin-1")) for name, value in self._headers.items()),
        ]
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        await send(cast(Any, start))
        await send({"type": "http.response.body", "body": self._body, "more_body": False})
