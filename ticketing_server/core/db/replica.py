"""Reads from a streaming replica, which never tell less than the primary would have told.

The primary says how far its log is written; a replica that has replayed so far shows whatever
anybody was told had happened. So people read what they have just written, on whichever server,
and a role taken away is gone at once. Where the replica is behind, away, or no replica any more,
the primary is asked (docs/scaling.md).
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# asyncpg is typed in part only; what leaves this file are rows.

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from ticketing_server.core import db
from ticketing_server.core.db import DB, Sql, scalar_or_none
from ticketing_server.core.db.engine import SESSION, STATEMENT_SECONDS, leave_as_it_is
from ticketing_server.core.db.lending import Lender
from ticketing_server.core.db.turnstile import OutOfPatience

logger = logging.getLogger(__name__)

# Each is null on a server that has become the other's kind.
WRITTEN = """
SELECT CASE WHEN NOT pg_is_in_recovery()
    THEN (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint END
"""
# Asked in a statement of its own, before the one that reads: within that one, the log may go on
# after the snapshot was taken.
REPLAYED = """
SELECT CASE WHEN pg_is_in_recovery()
    THEN (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint END
"""
CONNECT_SECONDS = 2.0
# One that is away is not looked for again so soon.
PAUSE_SECONDS = 5.0
AWAY = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError)


async def records(sql: Sql) -> list[dict[str, Any]]:
    """As `db.records`, from the replica where there is one that is not behind."""
    found = await REPLICA.records(sql)
    return await db.records(sql) if found is None else found


def is_crowded() -> bool:
    """As many wait for a connection, of the primary or of the replica, as it has."""
    return any(one.lender and one.lender.turnstile.is_crowded for one in (DB, REPLICA))


class Replica:
    """At most one, of the address it was opened with; it is looked for when it is first needed."""

    def __init__(self) -> None:
        self.lender: Lender | None = None
        self._away_until = 0.0
        self._written = _Shared()

    @asynccontextmanager
    async def opened(self, dsn: str | None, size: int) -> AsyncGenerator[None]:
        if dsn is None:
            yield
            return
        self._away_until = 0.0
        pool = await asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=size,
            reset=leave_as_it_is,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS,
            server_settings=SESSION,
        )
        self.lender = Lender(pool, size)
        try:
            yield
        finally:
            lender, self.lender = self.lender, None
            await lender.close()
            await pool.close()

    async def records(self, sql: Sql) -> list[dict[str, Any]] | None:
        """None where the primary has to be asked. Raises OutOfPatience."""
        lender = self.lender
        if lender is None or self._is_away or DB.transaction_exists():
            return None
        written = await self._written.get()
        if written is None:
            return None
        text, values = sql.compile_string()
        try:
            return await self._read(lender, written, text, values)
        except OutOfPatience:
            raise
        except AWAY as error:
            self._away_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("The replica is away, the primary reads: %s", error or type(error))
        except asyncpg.PostgresError as error:
            # Mostly rows that the primary has cleaned away, and the replica must follow.
            logger.info("The replica did not read: %s", error)
        return None

    async def _read(
        self, lender: Lender, written: int, text: str, values: Sequence[Any]
    ) -> list[dict[str, Any]] | None:
        connection, found, is_well = await lender.acquire(), None, False
        try:
            # Those who were before us may have found out meanwhile.
            if not self._is_away:
                replayed: int | None = await connection.fetchval(REPLAYED)
                if replayed is not None and replayed >= written:
                    found = [dict(row) for row in await connection.fetch(text, *values)]
            is_well = True
            return found
        finally:
            await lender.release(connection, is_well=is_well)

    @property
    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until


class _Shared:
    """How far the primary's log was written at some time after it was asked for.

    Whoever comes while it is being found out waits for the next answer, together with all others
    that come meanwhile: so the primary is asked one thing at a time, however many read.
    """

    def __init__(self) -> None:
        self._asking: asyncio.Task[int | None] | None = None
        self._next: asyncio.Task[int | None] | None = None

    async def get(self) -> int | None:
        if self._next is None:
            self._next = asyncio.create_task(self._ask(self._asking))
        return await asyncio.shield(self._next)

    async def _ask(self, earlier: "asyncio.Task[int | None] | None") -> int | None:
        if earlier:
            await asyncio.wait([earlier])
        self._asking, self._next = self._next, None
        return await scalar_or_none(Sql(WRITTEN), int)


REPLICA = Replica()
