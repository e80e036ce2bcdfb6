"""Told to stop while people ask: whoever was let in is answered, and nobody waits for nothing."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults import processes
from tests.faults.clients import Answer, Client, Refused, read_head
from tests.faults.desk import LIST, TICKETS, Desk, open_desk
from tests.faults.extent import IS_LONG, SLACK, rounds
from tests.faults.haproxy import haproxy
from tests.operations.conftest import Server
from tests.ports import free_port

CLIENTS = 20
LONGEST_STOP = 30
STOPS = 5


async def ask_until_refused(port: int, desk: Desk, answers: list[Answer], *, keeps: bool) -> None:
    """With one connection after another, or one for each request. Raises Dropped."""
    async with Client(port, desk.headers) as client:
        while True:
            try:
                answers.append(await client.get(LIST))
                answers.append(await client.post(TICKETS, desk.ticket()))
            except Refused:
                return
            if not keeps:
                client.close()


async def exit_of(server: Server) -> int:
    return await asyncio.to_thread(server.process.wait, LONGEST_STOP + SLACK)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_nobody_who_was_let_in_is_dropped_when_the_server_stops(
    start: Any, settings: dict[str, str], workers: str, note: Any
) -> None:
    answers: list[Answer] = []
    stops: list[float] = []
    desk = None
    for _ in rounds(STOPS):
        server = start("--workers", workers, **settings)
        desk = desk or open_desk(server)
        asking = [
            asyncio.create_task(
                ask_until_refused(server.port, desk, answers, keeps=number % 2 == 0)
            )
            for number in range(CLIENTS)
        ]
        await asyncio.sleep(1.5)
        told = time.monotonic()
        server.process.send_signal(signal.SIGTERM)

        assert await exit_of(server) == 0
        stops.append(time.monotonic() - told)
        assert await asyncio.gather(*asking) == [None] * CLIENTS

    assert {answer.status for answer in answers} == {200, 201}
    assert max(stops) < LONGEST_STOP
    note(
        f"SIGTERM under load, {workers} worker(s)",
        rounds=len(stops),
        acknowledged=len(answers),
        lost=0,
        errors=0,
        recovery=f"stopped in {max(stops):.1f} s",
    )


async def test_workers_are_replaced_one_after_another_without_an_error(
    start: Any, settings: dict[str, str], note: Any
) -> None:
    server = start("--workers", "2", **settings)
    desk = open_desk(server)
    old = set(processes.workers(server.process.pid))

    async with people_asking(server.port, desk) as answers:
        server.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(6 * SLACK):
            while old & set(processes.workers(server.process.pid)):
                await asyncio.sleep(0.1)

    assert {answer.status for answer in answers} == {200, 201}
    note(
        "SIGHUP to a server with two workers", rounds=1, acknowledged=len(answers), lost=0, errors=0
    )


async def test_an_upload_under_way_is_finished_before_the_server_stops(
    start: Any, settings: dict[str, str]
) -> None:
    server = start(**settings)
    desk = open_desk(server)
    async with Client(server.port, desk.headers) as client:
        ticket = (await client.post(TICKETS, desk.ticket())).json()["id"]
    form = (
        f'--cut\r\nContent-Disposition: form-data; name="ticket"\r\n\r\n{ticket}\r\n'
        '--cut\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        f"{'x' * 5000}\r\n--cut--\r\n"
    ).encode()
    head = (
        "POST /api/tickets/attachments/ HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {desk.headers['Authorization']}\r\nContent-Length: {len(form)}\r\n"
        "Content-Type: multipart/form-data; boundary=cut\r\n\r\n"
    ).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head + form[:3000])
    await asyncio.sleep(0.5)

    server.process.send_signal(signal.SIGTERM)
    await asyncio.sleep(1.5)
    writer.write(form[3000:])

    assert (await read_head(reader))[0] == 201
    assert await exit_of(server) == 0
    writer.close()


@pytest.mark.skipif(not IS_LONG, reason="takes half a minute")
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("database", ["external", "embedded"])
async def test_a_server_whose_database_does_not_answer_stops_all_the_same(
    start: Any, settings: dict[str, str], tmp_path: Path, workers: str, database: str, note: Any
) -> None:
    if database == "embedded":
        del settings["DATABASE_URL"]
    server = start("--workers", workers, **settings)
    desk = open_desk(server)
    directory = {"external": "elsewhere", "embedded": "data"}[database]
    frozen = processes.database_processes(tmp_path / directory)
    try:
        processes.signal_all(frozen, signal.SIGSTOP)
        async with Client(server.port, desk.headers) as client:
            asking = asyncio.create_task(client.get(LIST))
            await asyncio.sleep(1)
            told = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert await exit_of(server) == 0
            stopped = time.monotonic() - told
            assert (await asking).status == 503
    finally:
        processes.signal_all(frozen, signal.SIGCONT)
    note(
        f"SIGTERM, {database} database frozen, {workers} worker(s)",
        rounds=1,
        errors=0,
        recovery=f"stopped in {stopped:.1f} s",
    )


@asynccontextmanager
async def people_asking(port: int, desk: Desk) -> AsyncIterator[list[Answer]]:
    """For as long as the block runs. Raises Refused, Dropped."""
    answers: list[Answer] = []
    is_over = asyncio.Event()

    async def ask() -> None:
        async with Client(port, desk.headers) as client:
            while not is_over.is_set():
                answers.append(await client.get(LIST))
                answers.append(await client.post(TICKETS, desk.ticket()))
                await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as asking:
        for _ in range(CLIENTS):
            asking.create_task(ask())
        yield answers
        is_over.set()


async def test_two_servers_behind_a_proxy_are_restarted_one_by_one_without_an_error(
    start: Any, settings: dict[str, str], tmp_path: Path, note: Any
) -> None:
    ports = [free_port(), free_port()]
    servers = [await asyncio.to_thread(start, port=port, **settings) for port in ports]
    desk = open_desk(servers[0])
    restarts = 0

    with haproxy(tmp_path, *ports) as front:
        async with people_asking(front, desk) as answers:
            for _ in rounds(STOPS):
                for number, port in enumerate(ports):
                    await asyncio.sleep(1)
                    servers[number].process.send_signal(signal.SIGTERM)
                    assert await exit_of(servers[number]) == 0
                    servers[number] = await asyncio.to_thread(start, port=port, **settings)
                    restarts += 1
                    # The proxy looks once a second.
                    await asyncio.sleep(2)

    assert {answer.status for answer in answers} == {200, 201}
    note(
        "restart of one of two servers behind HAProxy",
        rounds=restarts,
        acknowledged=len(answers),
        lost=0,
        errors=0,
    )
