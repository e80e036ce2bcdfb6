"""Far more clients than database connections: each waits a bounded time, and probes do not wait."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from tests.faults import processes
from tests.faults.clients import Answer, Client
from tests.faults.desk import LIST, TICKETS, Desk, open_desk
from tests.faults.extent import IS_LONG, SLACK
from tests.operations.conftest import Server, environment
from tests.scrape import Scrape

CLIENTS = 1000 if IS_LONG else 200
POOL = 5
LONGEST_WAIT = 5
PROBE_MS = 100
MOST_MEMORY = 150 * 1024 * 1024
# Until all have been refused, and a minute more on a machine that is busy with other things.
BLOCKED_SECONDS = LONGEST_WAIT + 6 * SLACK
# Of a crowd before a locked table so many may have begun in vain: those in a connection, as many
# waiting for one, and those who began in the same rounds of the event loop.
MOST_IN_VAIN = 10 * POOL


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
    start: Any, settings: dict[str, str], tmp_path: Path, note: Any
) -> None:
    server = start(DB_POOL_SIZE=str(POOL), LOG_FORMAT="json", **settings)
    desk = open_desk(server)
    before = processes.memory(server.process.pid)

    with probes(server) as took:
        served = await crowd(server, desk)
        begun = begun_in_vain(server)
        refused = await crowd_before_a_locked_table(server, desk, settings["DATABASE_URL"])
        in_vain = begun_in_vain(server) - begun
        after = await crowd(server, desk)

    grown = processes.memory(server.process.pid) - before
    everybody = served + refused + after
    assert {a.status for a in served + after} <= {200, 201, 503}
    assert {a.status for a in after} >= {200, 201}
    assert {a.status for a in refused} == {503}
    assert all("retry-after" in a.headers for a in everybody if a.status == 503)
    # Here the server counts how long it took, and not the crowd, which shares its processors.
    waits = seconds_of_answers(tmp_path / "server.log")
    assert len(waits) >= len(everybody)
    assert waits[-1] < LONGEST_WAIT + SLACK
    assert in_vain <= MOST_IN_VAIN
    # The slowest of hundreds tell of the machine as well; none waits as a request does.
    assert took[len(took) * 9 // 10] < PROBE_MS
    assert took[-1] < LONGEST_WAIT * 1000
    assert grown < MOST_MEMORY
    note(
        f"{CLIENTS} clients on a pool of {POOL}, three times",
        rounds=3,
        errors=0,
        measured=f"{dict(Counter(a.status for a in everybody))}, longest answer"
        f" {waits[-1]:.1f} s, {max(a.seconds for a in everybody):.1f} s as its client saw it,"
        f" /healthz p50 {took[len(took) // 2]:.0f} ms, p99 {took[len(took) * 99 // 100]:.0f},"
        f" max {took[-1]:.0f}, memory +{grown / 2**20:.0f} MB",
    )


def seconds_of_answers(log: Path) -> list[float]:
    """From the end of each request's head on, in order of size."""
    lines = map(json.loads, log.read_text().splitlines())
    return sorted(line["duration_ms"] / 1000 for line in lines if "duration_ms" in line)


def begun_in_vain(server: Server) -> float:
    """How many have waited for a connection and got none."""
    with server.client() as client:
        told = Scrape(client.get(client.base_url.join("/metrics")).text)
    return told.value("db_pool_timeouts_total") or 0


async def crowd_before_a_locked_table(server: Server, desk: Desk, dsn: str) -> list[Answer]:
    """Those who have a connection wait for the lock, all others for a connection."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE")
            asking = asyncio.create_task(crowd_asks_once(server, desk))
            await asyncio.wait([asking], timeout=BLOCKED_SECONDS)
            return asking.result()
    finally:
        await connection.close()


async def crowd_asks_once(server: Server, desk: Desk) -> list[Answer]:
    async def ask() -> Answer:
        async with Client(server.port, desk.headers) as client:
            return await client.get(LIST)

    return await asyncio.gather(*(ask() for _ in range(CLIENTS)))
