"""`python -m tests.faults.sweeping`: the server's housekeeping, a day later."""

import asyncio

from ticketing_server.app import storage_of
from ticketing_server.core.db import DB, Sql, execute, pool
from ticketing_server.core.media.unclaimed import remove_due
from ticketing_server.jobs.housekeeping import sweep
from ticketing_server.settings import load_settings


async def sweep_as_if_tomorrow() -> None:
    settings = load_settings()
    DB.configure(settings.database_url or "")
    async with pool(2):
        await execute(Sql("UPDATE unclaimed_file SET due_at = now()"))
        await sweep()
        await remove_due(storage_of(settings))


if __name__ == "__main__":
    asyncio.run(sweep_as_if_tomorrow())
