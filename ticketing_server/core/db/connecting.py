"""The one database: its pool of connections, and `@atomic`."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

import asyncpg

from ticketing_server.core.db.engine import STATEMENT_SECONDS, Engine, leave_as_it_is

P = ParamSpec("P")
T = TypeVar("T")

OnConnect = Callable[[asyncpg.Connection], Awaitable[None]]

# A database that does not answer is away, whatever its kernel accepts meanwhile. With the patience
# of who waits for a connection, five seconds in all (`turnstile`).
CONNECT_SECONDS = 2
# When the server stops, requests were waited for already.
CLOSE_SECONDS = 2

DB = Engine()


@asynccontextmanager
async def pool(size: int, on_connect: OnConnect | None = None) -> AsyncGenerator[None]:
    """Holds connections open for as long as the block runs."""
    await DB.open_pool(
        size,
        init=on_connect,
        reset=leave_as_it_is,
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS,
    )
    try:
        yield
    finally:
        await _close_pool()


async def _close_pool() -> None:
    """A pool whose closing is cut short ends its connections, whatever they wait for."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await DB.close_pool()
    DB.pool = None


def atomic(action: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """All writes of the action happen, or none; inside another action it is a savepoint."""

    @functools.wraps(action)
    async def in_transaction(*args: P.args, **kwargs: P.kwargs) -> T:
        async with DB.transaction():
            return await action(*args, **kwargs)

    return in_transaction
