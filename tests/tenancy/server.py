"""The server as the machine knows it: requests over HTTP, sent from the machine's own thread."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx

from tests.conftest import client_of, make_settings, tokens
from tests.tenancy.model import Person

T = TypeVar("T")

NOTHING = 2**62
"""An id that names nothing."""
VARYING = {"x-request-id", "date"}


class Server:
    """hypothesis drives a state machine synchronously; the app lives on the tests' event loop."""

    def __init__(self, app: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client_of(app), loop
        self._tokens = tokens(make_settings().secret_key)

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def ask(self, person: Person, method: str, path: str, **given: Any) -> httpx.Response:
        token = self._tokens.issue(person.id, person.epoch).access
        headers = {"authorization": f"Bearer {token}"}
        return await self._client.request(method, path, headers=headers, **given)

    async def close(self) -> None:
        await self._client.aclose()


def bare(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """Everything of an answer but what differs from one to the next anyway."""
    kept = {name: value for name, value in answer.headers.items() if name not in VARYING}
    return answer.status_code, answer.content, kept
