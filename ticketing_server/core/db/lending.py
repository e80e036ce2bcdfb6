"""A pool's connections, lent to one statement or transaction after another.

asyncpg's pool makes a task for each connection that comes back, which is half of what a small
statement costs this process. So one that comes back in good order stays here, for whoever comes
next; the pool makes and closes connections, and gets back those that may not be well.
"""

import asyncio
from collections import deque
from typing import cast

import asyncpg

from ticketing_server.core.db.turnstile import Turnstile

# After so long the pool looks at a connection: one that was idle for minutes, or has been asked
# tens of thousands of times, is closed.
HOLD_SECONDS = 60.0


class Lender:
    """Lends `size` connections at a time; others wait for theirs at the turnstile."""

    def __init__(self, pool: asyncpg.Pool, size: int) -> None:
        self.pool = pool
        self.turnstile = Turnstile(size)
        self._here: deque[asyncpg.Connection] = deque()
        self._since: dict[asyncpg.Connection, float] = {}
        self._is_closing = False

    @property
    def idle(self) -> int:
        return self.pool.get_idle_size() + len(self._here)

    async def acquire(self) -> asyncpg.Connection:
        """One that goes back by `release`.

        Raises OutOfPatience, and TimeoutError where the database makes none.
        """
        await self.turnstile.enter()
        try:
            return await self._take()
        except BaseException:
            self.turnstile.leave()
            raise

    async def release(self, connection: asyncpg.Connection, *, is_well: bool = True) -> None:
        """`is_well`: nothing that it was used for was cut short."""
        try:
            if not is_well or self._is_closing or is_lost(connection):
                return await self._give_back(connection)
            self._here.append(connection)
            longest_idle = self._here[0]
            if asyncio.get_running_loop().time() - self._since[longest_idle] > HOLD_SECONDS:
                self._here.popleft()
                await self._give_back(longest_idle)
        finally:
            self.turnstile.leave()

    async def close(self) -> None:
        """Gives all to the pool, which can be closed then; those that are out follow."""
        self._is_closing = True
        while self._here:
            await self._give_back(self._here.pop())

    async def _take(self) -> asyncpg.Connection:
        while self._here:
            latest = self._here.pop()
            if not is_lost(latest):
                return latest
            await self._give_back(latest)
        new = cast(asyncpg.Connection, await self.pool.acquire())
        self._since[new] = asyncio.get_running_loop().time()
        return new

    async def _give_back(self, connection: asyncpg.Connection) -> None:
        self._since.pop(connection, None)
        await self.pool.release(connection)


def is_lost(connection: asyncpg.Connection) -> bool:
    """The pool takes a connection that was cut away from its holder; asking it is an error then."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True
