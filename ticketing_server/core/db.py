"""The one database engine: Piccolo's, with the gaps of its transactions and pool closed."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar, cast

import asyncpg
import msgspec
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

Sql = QueryString

P = ParamSpec("P")
T = TypeVar("T")

OnConnect = Callable[[asyncpg.Connection], Awaitable[None]]

ACQUIRE_SECONDS = 5.0

# Nobody may leave state behind in a session (locks and settings are `…_xact_…` and `SET LOCAL`),
# so the pool's own reset query, a second round trip after every statement, is not needed.
SESSION = {
    "application_name": "ticketing-server",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}


class Transaction(PostgresTransaction):
    """Gives its connection back whatever happens, and nests as a savepoint.

    Piccolo 1.38 loses the connection when BEGIN or COMMIT fails, and joins a nested block to its
    parent, so that an inner failure that is caught keeps the inner writes.
    """

    __slots__ = ("_savepoint",)

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
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        if self._parent is not None:
            await (self._savepoint.commit() if exception is None else self._savepoint.rollback())
            return False
        try:
            await self._finish(failed=exception is not None)
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return False

    async def get_connection(self) -> asyncpg.Connection:
        pool = cast(asyncpg.Pool | None, self.engine.pool)
        if pool is None:
            return await self.engine.get_new_connection()
        return cast(asyncpg.Connection, await pool.acquire(timeout=ACQUIRE_SECONDS))

    async def _finish(self, *, failed: bool) -> None:
        if self._committed or self._rolled_back:
            return
        if not failed:
            await self.commit()
        elif not self.connection.is_closed():
            await self.rollback()

    async def _give_back(self) -> None:
        if self.connection.is_in_transaction():
            self.connection.terminate()
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        else:
            await self.connection.close()


class Engine(PostgresEngine):
    """Piccolo's engine, configured after import, waiting a bounded time for a connection."""

    def __init__(self) -> None:
        super().__init__(config={})

    def configure(self, dsn: str) -> None:
        self.config = {"dsn": dsn, "server_settings": SESSION}

    def transaction(self, allow_nested: bool = True) -> Transaction:
        return Transaction(engine=self, allow_nested=allow_nested)

    async def prep_database(self) -> None:
        """Extensions are the migrations' affair, where they can be optional."""

    async def get_version(self) -> float:
        """Piccolo asks at construction; the engine is not configured by then."""
        return 0.0

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        pool = cast(asyncpg.Pool, self.pool)
        async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            return await connection.fetch(query, *(args or ()))


DB = Engine()


@asynccontextmanager
async def pool(size: int, on_connect: OnConnect | None = None) -> AsyncIterator[None]:
    """Holds connections open for as long as the block runs."""
    await DB.start_connection_pool(
        min_size=min(2, size),
        max_size=size,
        init=on_connect,
        reset=_leave_as_it_is,
        command_timeout=30,
    )
    try:
        yield
    finally:
        await DB.close_connection_pool()


async def _leave_as_it_is(connection: asyncpg.Connection) -> None:
    """See SESSION."""


def atomic(action: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """All writes of the action happen, or none; inside another action it is a savepoint."""

    @functools.wraps(action)
    async def in_transaction(*args: P.args, **kwargs: P.kwargs) -> T:
        async with DB.transaction():
            return await action(*args, **kwargs)

    return in_transaction


async def rows(sql: Sql, into: type[T]) -> list[T]:
    """Each row as a struct (or as a scalar: see `scalars`)."""
    return msgspec.convert([dict(row) for row in await DB.run_querystring(sql)], list[into])


async def row(sql: Sql, into: type[T]) -> T | None:
    """The first row as a struct, or None."""
    found = await DB.run_querystring(sql)
    return msgspec.convert(dict(found[0]), into) if found else None


async def scalars(sql: Sql, into: type[T]) -> list[T]:
    """The first column of every row."""
    return msgspec.convert([row[0] for row in await DB.run_querystring(sql)], list[into])


async def scalar(sql: Sql, into: type[T]) -> T:
    """The first column of the first row; None only where `into` allows it."""
    found = await DB.run_querystring(sql)
    return msgspec.convert(found[0][0] if found else None, into)


async def execute(sql: Sql) -> int:
    """Runs a statement; the number of rows that it returned."""
    return len(await DB.run_querystring(sql))


def joined(separator: str, parts: Sequence[Sql]) -> Sql:
    """Fragments in a row, their parameters kept apart: `joined(" AND ", [a, b])`."""
    return Sql(separator.join("{}" for _ in parts), *parts)


def literal(number: int) -> Sql:
    """An integer written into the statement: a plan for `LIMIT $1` does not know its limit."""
    return Sql(str(int(number)))
