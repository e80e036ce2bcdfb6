"""Two at once, made certain: somebody else holds a lock, and a request waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from ticketing_server.core.db import DB, Sql, scalar

WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@asynccontextmanager
async def somebody_else() -> AsyncIterator[asyncpg.Connection]:
    """A transaction beside the server's; it commits at the end of the block."""
    connection = await asyncpg.connect(DB.config["dsn"])
    try:
        async with connection.transaction():
            yield connection
    finally:
        await connection.close()


async def has_to_wait(request):
    """The request, under way and waiting for a lock."""
    task = asyncio.create_task(request)
    async with asyncio.timeout(5):
        while not await scalar(Sql(WAITING), int):
            await asyncio.sleep(0.01)
    return task
