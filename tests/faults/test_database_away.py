"""The database goes and comes back while people ask: they are told to wait, and never a bug."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.faults import processes
from tests.faults.clients import Answer, Client
from tests.faults.desk import LIST, TICKETS, Desk, open_desk
from tests.faults.extent import IS_LONG, SLACK
from tests.operations.conftest import Server
from tests.world import PASSWORD
from ticketing_server.core.postgres import EmbeddedPostgres

AWAY_SECONDS = 10 if IS_LONG else 3
# A request may wait for a connection, and then for the database to take it.
LONGEST_WAIT = 5
PROMISED_RETURN = 2
LOGIN = "/api/tickets/auth/login/"
HEALTHZ, READYZ = "/healthz", "/readyz"


@asynccontextmanager
async def people_asking(server: Server, desk: Desk) -> AsyncIterator[list[Answer]]:
    """All kinds of requests, over and over, for as long as the block runs; their answers."""
    answers: list[Answer] = []
    asking = [
        asyncio.create_task(ask_over_and_over(Client(server.port, desk.headers), answers, *what))
        for what in (
            ("GET", LIST, None),
            ("GET", READYZ, None),
            ("GET", HEALTHZ, None),
            ("POST", TICKETS, desk.ticket()),
            ("POST", LOGIN, {"username": "ana", "password": PASSWORD}),
        )
    ]
    try:
        yield answers
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def ask_over_and_over(
    client: Client, answers: list[Answer], method: str, path: str, body: Any
) -> None:
    async with client:
        while True:
            answers.append(await (client.post(path, body) if body else client.get(path)))
            await asyncio.sleep(0.02)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(6 * SLACK):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_a_database_that_is_away_is_said_to_be_and_used_again_once_it_is_back(
    start: Any, postgres: EmbeddedPostgres, settings: dict[str, str], note: Any
) -> None:
    server = start(**settings)
    desk = open_desk(server)

    async with people_asking(server, desk) as answers:
        await until(lambda: {a.path for a in answers if a.status < 300} == ALL)
        leaving = time.monotonic()
        await asyncio.to_thread(postgres.stop)
        gone = time.monotonic()
        await asyncio.sleep(AWAY_SECONDS)
        coming = time.monotonic()
        await asyncio.to_thread(postgres.start)
        back = time.monotonic()
        await until(lambda: {a.path for a in answers if a.began > back and a.status < 300} == ALL)

    assert all(a.status < 300 for a in answers if a.ended < leaving or a.path == HEALTHZ)
    refused = [a for a in answers if a.status >= 300]
    assert {a.status for a in refused} == {503}
    assert all("retry-after" in a.headers for a in refused)
    meanwhile = [a for a in answers if a.began > gone and a.ended < coming]
    assert {a.path for a in meanwhile if a.status == 503} == ALL - {HEALTHZ}
    assert {a.path for a in meanwhile if a.status < 300} == {HEALTHZ}
    longest = max(a.seconds for a in answers)
    assert longest < LONGEST_WAIT + SLACK
    returned = min(a.began for a in answers if a.began > coming and is_served(a)) - back
    assert returned < PROMISED_RETURN + SLACK
    note(
        f"database away for {AWAY_SECONDS} s",
        rounds=1,
        errors=0,
        recovery=f"{max(returned, 0):.2f} s",
        measured=f"{len(refused)} x 503, longest answer {longest:.2f} s",
    )


async def test_a_worker_that_is_replaced_meanwhile_serves_once_the_database_is_back(
    start: Any, postgres: EmbeddedPostgres, settings: dict[str, str]
) -> None:
    server = start("--workers", "2", **settings)
    desk = open_desk(server)
    both = processes.workers(server.process.pid)

    await asyncio.to_thread(postgres.stop)
    processes.kill(both)
    await until(lambda: len(set(processes.workers(server.process.pid)) - set(both)) == 2)
    await asyncio.sleep(AWAY_SECONDS)
    await asyncio.to_thread(postgres.start)

    async with Client(server.port, desk.headers) as client:
        async with asyncio.timeout(6 * SLACK):
            while (await client.get(LIST)).status != 200:
                await asyncio.sleep(0.1)
    assert server.process.poll() is None


def is_served(answer: Answer) -> bool:
    return answer.status < 300 and answer.path != HEALTHZ


ALL = {LIST, READYZ, HEALTHZ, TICKETS, LOGIN}
