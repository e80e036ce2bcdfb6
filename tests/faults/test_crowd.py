"""Far more clients than database connections: each waits a bounded time, and probes do not wait."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

from tests.faults import processes
from tests.faults.clients import Answer, Client
from tests.faults.desk import LIST, TICKETS, Desk, open_desk
from tests.faults.extent import IS_LONG, SLACK
from tests.operations.conftest import Server, environment

CLIENTS = 1000 if IS_LONG else 200
POOL = 5
LONGEST_WAIT = 5
MOST_MEMORY = 150 * 1024 * 1024
# Longer than a request waits for a connection.
BLOCKED_SECONDS = 7


@contextmanager
def probes(server: Server) -> Iterator[list[float]]:
    """Somebody asks `/healthz` meanwhile; afterwards the list says how long each took, in ms."""
    took: list[float] = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.probing", str(server.port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    ) as prober:
        try:
            yield took
        finally:
            told, _ = prober.communicate()
    assert prober.returncode == 0
    took += sorted(json.loads(told))


async def ask_twice(server: Server, desk: Desk, number: int) -> list[Answer]:
    async with Client(server.port, desk.headers) as client:
        return [await client.post(TICKETS, desk.ticket(f"From {number}")), await client.get(LIST)]


async def crowd(server: Server, desk: Desk) -> list[Answer]:
    """All at once."""
    asked = await asyncio.gather(*(ask_twice(server, desk, number) for number in range(CLIENTS)))
    return [answer for answers in asked for answer in answers]


async def test_a_crowd_is_served_or_told_to_come_again_within_a_bounded_time(
    start: Any, settings: dict[str, str], note: Any
) -> None:
    server = start(DB_POOL_SIZE=str(POOL), **settings)
    desk = open_desk(server)
    before = processes.memory(server.process.pid)

    with probes(server) as took:
        served = await crowd(server, desk)
        refused = await crowd_before_a_locked_table(server, desk, settings["DATABASE_URL"])
        after = await crowd(server, desk)

    grown = processes.memory(server.process.pid) - before
    assert {a.status for a in served + after} <= {200, 201, 503}
    assert {a.status for a in after} >= {200, 201}
    assert {a.status for a in refused} == {503}
    assert all("retry-after" in a.headers for a in refused)
    longest = max(a.seconds for a in served + refused + after)
    # On a machine that is busy with other things a thousand refusals take their time as well.
    assert longest < LONGEST_WAIT + 6 * SLACK
    assert took[len(took) // 2] < 100 * SLACK
    assert grown < MOST_MEMORY
    note(
        f"{CLIENTS} clients on a pool of {POOL}, three times",
        rounds=3,
        errors=0,
        measured=f"{dict(Counter(a.status for a in served + refused + after))}, longest answer"
        f" {longest:.1f} s, /healthz p50 {took[len(took) // 2]:.0f} ms, p99"
        f" {took[len(took) * 99 // 100]:.0f}, max {took[-1]:.0f}, memory +{grown / 2**20:.0f} MB",
    )


async def crowd_before_a_locked_table(server: Server, desk: Desk, dsn: str) -> list[Answer]:
    """Those who have a connection wait for the lock, all others for a connection."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE")
            asking = asyncio.create_task(crowd_asks_once(server, desk))
            await asyncio.wait([asking], timeout=BLOCKED_SECONDS + 6 * SLACK)
            return asking.result()
    finally:
        await connection.close()


async def crowd_asks_once(server: Server, desk: Desk) -> list[Answer]:
    async def ask() -> Answer:
        async with Client(server.port, desk.headers) as client:
            return await client.get(LIST)

    return await asyncio.gather(*(ask() for _ in range(CLIENTS)))
