"""`python -m tests.faults.recounting`: what is counted wrongly in a database, as a list."""

import asyncio
import sys

from tests.recount import recount
from ticketing_server.core.db import DB, pool
from ticketing_server.settings import load_settings


async def differing() -> list[dict[str, str]]:
    DB.configure(load_settings().database_url or "")
    async with pool(1):
        return await recount()


if __name__ == "__main__":
    sys.stdout.write(str(asyncio.run(differing())))
