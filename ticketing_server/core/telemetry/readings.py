"""Gauges that are read off when somebody looks, or every second for other workers to show."""

import asyncio

from prometheus_client import Gauge

from ticketing_server.core.db import DB
from ticketing_server.core.db.lending import Lender
from ticketing_server.core.db.replica import REPLICA
from ticketing_server.core.secrets.passwords import waiting
from ticketing_server.core.telemetry.metrics import (
    ARGON2_WAITING,
    IN_FLIGHT,
    POOL_CONNECTIONS,
    POOL_LIMIT,
    POOL_WAITING,
    POOL_WAITS,
    REPLICA_POOL_CONNECTIONS,
    REPLICA_POOL_LIMIT,
)
from ticketing_server.core.telemetry.requests_seen import SEEN

EVERY_SECONDS = 1


def read_off() -> None:
    """Brings this process's gauges up to date."""
    IN_FLIGHT.set(SEEN.in_flight)
    ARGON2_WAITING.set(waiting())
    POOL_WAITING.set(POOL_WAITS.now)
    _read_off_pool(DB.lender, POOL_LIMIT, POOL_CONNECTIONS)
    _read_off_pool(REPLICA.lender, REPLICA_POOL_LIMIT, REPLICA_POOL_CONNECTIONS)


def _read_off_pool(lender: Lender | None, limit: Gauge, connections: Gauge) -> None:
    idle = lender.idle if lender else 0
    limit.set(lender.pool.get_max_size() if lender else 0)
    connections.labels("idle").set(idle)
    connections.labels("in_use").set(lender.pool.get_size() - idle if lender else 0)


async def keep_read_off() -> None:
    """Runs until cancelled."""
    while True:
        read_off()
        await asyncio.sleep(EVERY_SECONDS)
