"""The admin as a client of the API: in the superuser's name, inside the process."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import msgspec
from litestar.types import ASGIApp, Message, Scope

from ticketing_server.core.errors import Invalid, Refusal

ROOT = "/api/tickets"
HOST = b"host"


class _Answer(NamedTuple):
    status: int
    body: Any


class Api:
    """`app` is the application that serves the API; `token` an access token for it."""

    def __init__(self, app: ASGIApp, scope: Scope, token: str) -> None:
        self._app = app
        self._scope = scope
        self._token = token

    async def send(
        self, method: str, path: str, body: Any = None, *, versions: Sequence[int] = ()
    ) -> Any:
        """What the API answers. Raises Refusal, or Invalid, where the API refuses."""
        headers = [(b"authorization", f"Bearer {self._token}".encode())]
        if body is not None:
            headers.append((b"content-type", b"application/json"))
        if versions:
            tags = ", ".join(f'"{version}-"' for version in versions)
            headers.append((b"if-match", tags.encode()))
        headers += [pair for pair in self._scope["headers"] if pair[0] == HOST]
        asked = {"method": method, "headers": headers, "query_string": b""}
        scope = bare(self._scope, f"{ROOT}/{path}/", **asked)
        answer = await _exchange(self._app, scope, msgspec.json.encode(body) if body else b"")
        if answer.status >= 400:
            raise _refusal(answer)
        return answer.body


def bare(scope: Scope, path: str, **changes: Any) -> Scope:
    """A request of its own, to another path, that knows nothing of how this one was routed."""
    kept = ("type", "asgi", "http_version", "method", "scheme", "query_string", "headers")
    given = cast(dict[str, Any], scope)
    address = {"path": path, "raw_path": path.encode(), "root_path": ""}
    ends = {"client": given.get("client"), "server": given.get("server")}
    return cast(Any, {**{key: given[key] for key in kept}, **ends, **address, **changes})


async def _exchange(app: ASGIApp, scope: Scope, body: bytes) -> _Answer:
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(cast(dict[str, Any], message))

    await app(scope, receive, send)
    raw = b"".join(message.get("body", b"") for message in sent[1:])
    return _Answer(sent[0]["status"], msgspec.json.decode(raw) if raw else None)


def _refusal(answer: _Answer) -> Refusal:
    if "detail" not in answer.body:
        return Invalid(answer.body)
    refusal = Refusal(answer.body["detail"])
    refusal.status = answer.status
    return refusal
