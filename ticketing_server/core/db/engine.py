"""Piccolo's engine, with the gaps of its transactions and of its pool closed."""

from collections.abc import Sequence
from typing import Any, Literal, cast

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from typing_extensions import override

from ticketing_server.core.db.lending import Lender, is_lost

STATEMENT_SECONDS = 30

# Nobody may leave state behind in a session (locks and settings are `…_xact_…` and `SET LOCAL`),
# so the pool's own reset query, a second round trip after every statement, is not needed.
SESSION = {
    "application_name": "ticketing-server",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    # With the patience of who waits for a connection, five seconds in all (`turnstile`).
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    # A page of an index is in memory, or on a disk that does not care where it lies; by default the
    # planner takes it for four times as dear as the next page of a table, and reads small tables
    # whole instead: a page of tickets then takes twice the time.
    "random_page_cost": "1.1",
    # The bitmap of a common word's tickets, every one of them exact, at a million tickets.
    "work_mem": "16MB",
    # A search is planned for longer than it runs; PostgreSQL would do it anew each time, since an
    # array of five values promises less work than one of unknown length.
    "plan_cache_mode": "force_generic_plan",
    "standard_conforming_strings": "on",
}


async def leave_as_it_is(connection: asyncpg.Connection) -> None:
    """What a pool does with a connection that comes back: see SESSION."""


class Transaction(PostgresTransaction):
    """Gives its connection back whatever happens, and nests as a savepoint.

    Piccolo 1.38 loses the connection when BEGIN or COMMIT fails, and joins a nested block to its
    parent, so that an inner failure that is caught keeps the inner writes.
    """

    __slots__ = ("_lender", "_savepoint")

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            self._savepoint = self._parent.connection.transaction()
            await self._savepoint.start()
            return self._parent
        self.connection = await self.get_connection()
        try:
            self.transaction = self.connection.transaction()
            await self.begin()
        except BaseException:
            await self._give_back(is_well=False)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, exception_type: Any, exception: Any, traceback: Any
    ) -> Literal[False]:
        if self._parent is not None:
            if exception is None:
                await self._savepoint.commit()
            elif not is_lost(cast(asyncpg.Connection, self._parent.connection)):
                await self._savepoint.rollback()
            return False
        is_well = False
        try:
            await self._finish(failed=exception is not None)
            is_well = exception is None
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back(is_well=is_well)
        return False

    async def get_connection(self) -> asyncpg.Connection:
        """It goes back to whom it came from: the pool may be closed, or another, by then."""
        self._lender = cast(Engine, self.engine).lender
        if self._lender is None:
            return await self.engine.get_new_connection()
        return await self._lender.acquire()

    async def _finish(self, *, failed: bool) -> None:
        if self._committed or self._rolled_back:
            return
        if not failed:
            await self.commit()
        elif not is_lost(self.connection):
            await self.rollback()

    async def _give_back(self, *, is_well: bool) -> None:
        if not is_lost(self.connection) and self.connection.is_in_transaction():
            self.connection.terminate()
        if self._lender:
            await self._lender.release(self.connection, is_well=is_well)
        else:
            await self.connection.close()


class Engine(PostgresEngine):
    """Piccolo's engine, configured after import, waiting a bounded time for a connection."""

    def __init__(self) -> None:
        super().__init__(config={})
        self.lender: Lender | None = None

    async def open_pool(self, size: int, **options: Any) -> None:
        """Connections for so many at a time; others wait for theirs.

        None is made yet: a worker that is replaced while the database is away starts all the same.
        """
        await self.start_connection_pool(min_size=0, max_size=size, **options)
        self.lender = Lender(cast(asyncpg.Pool, self.pool), size)

    async def close_pool(self) -> None:
        lender, self.lender = self.lender, None
        if lender:
            await lender.close()
        await self.close_connection_pool()

    def configure(self, dsn: str) -> None:
        self.config = {"dsn": dsn, "server_settings": SESSION}

    @override
    def transaction(self, allow_nested: bool = True) -> Transaction:
        return Transaction(engine=self, allow_nested=allow_nested)

    async def prep_database(self) -> None:
        """Extensions are the migrations' affair, where they can be optional."""

    async def get_version(self) -> float:
        """Piccolo asks at construction; the engine is not configured by then."""
        return 0.0

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        lender = cast(Lender, self.lender)
        connection, is_well = await lender.acquire(), False
        try:
            found = cast(Any, await connection.fetch(query, *(args or ())))
            is_well = True
            return found
        finally:
            await lender.release(connection, is_well=is_well)
