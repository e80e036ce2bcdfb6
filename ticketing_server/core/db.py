"""The one database: its pool, `@atomic`, and statements whose rows become structs."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# Piccolo and asyncpg are typed in part only; what leaves this file is a struct or a scalar.

import asyncio
import contextlib
import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

import asyncpg
import msgspec
from piccolo.table import Table

from ticketing_server.core.engine import STATEMENT_SECONDS, Engine, leave_as_it_is
from ticketing_server.core.sql import Sql as Sql
from ticketing_server.core.sql import joined as joined
from ticketing_server.core.sql import literal as literal

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
            await DB.close_connection_pool()
    DB.pool = None


def atomic(action: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """All writes of the action happen, or none; inside another action it is a savepoint."""

    @functools.wraps(action)
    async def in_transaction(*args: P.args, **kwargs: P.kwargs) -> T:
        async with DB.transaction():
            return await action(*args, **kwargs)

    return in_transaction


async def records(sql: Sql) -> list[dict[str, Any]]:
    """Each row by the names of its columns, as the driver reads it."""
    return [dict(row) for row in await DB.run_querystring(sql)]


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
    """The first column of the first row; for statements that always have one."""
    found = await DB.run_querystring(sql)
    return msgspec.convert(found[0][0], into)


async def execute(sql: Sql) -> int:
    """Runs a statement; the number of rows that it returned."""
    return len(await DB.run_querystring(sql))


async def scalar_or_none(sql: Sql, into: type[T]) -> T | None:
    """The first column of the first row; None without a row, or where it is null."""
    found = await DB.run_querystring(sql)
    return msgspec.convert(found[0][0], into) if found and found[0][0] is not None else None


# Piccolo's queries are typed in part only; here, once, they get their types.


async def insert(new: Table) -> int:
    """Stores a row; its id."""
    query: Any = type(new).insert(new)  # pyright: ignore[reportUnknownMemberType]
    stored: list[dict[str, int]] = await query
    return stored[0]["id"]


async def update(table: type[Table], id: int, values: dict[str, Any]) -> None:
    """Writes some columns of one row."""
    query: Any = table.update(values)  # pyright: ignore
    await query.where(table._meta.primary_key == id)  # pyright: ignore[reportPrivateUsage]


async def delete(table: type[Table], id: int) -> None:
    """Takes one row away."""
    query: Any = table.delete()  # pyright: ignore[reportUnknownMemberType]
    await query.where(table._meta.primary_key == id)  # pyright: ignore[reportPrivateUsage]
