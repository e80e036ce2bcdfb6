"""Gauges that are read off when somebody looks, or every second for other workers to show."""

import asyncio

from ticketing_server.core.db import DB
from ticketing_server.core.secrets.passwords import waiting
from ticketing_server.core.telemetry.metrics import (
    ARGON2_WAITING,
    IN_FLIGHT,
    POOL_CONNECTIONS,
    POOL_LIMIT,
    POOL_WAITING,
    POOL_WAITS,
)
from ticketing_server.core.telemetry.requests_seen import SEEN

EVERY_SECONDS = 1


def read_off() -> None:
    """Brings this process's gauges up to date."""
    IN_FLIGHT.set(SEEN.in_flight)
    ARGON2_WAITING.set(waiting())
    POOL_WAITING.set(POOL_WAITS.now)
    pool = DB.pool
    idle = pool.get_idle_size() if pool else 0
    POOL_LIMIT.set(pool.get_max_size() if pool else 0)
    POOL_CONNECTIONS.labels("idle").set(idle)
    POOL_CONNECTIONS.labels("in_use").set(pool.get_size() - idle if pool else 0)


async def keep_read_off() -> None:
    """Runs until cancelled."""
    while True:
        read_off()
        await asyncio.sleep(EVERY_SECONDS)
