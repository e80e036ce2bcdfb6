"""Slow, silent and endless clients are cut off; honest slow ones, and others, are not."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from tests.faults.clients import Client, read_head
from tests.faults.desk import LIST, TICKETS, Desk, open_desk
from tests.faults.extent import HASTE, IS_LONG, SLACK
from tests.operations.conftest import COMMAND, Server
from ticketing_server.connections import limits

IDLE = 400
SLOW = 20
FILES = 100
HASTY = [*COMMAND[:-1], "tests.faults.hasty"]
SECOND = 1 / HASTE
CUT_SECONDS = (limits.HEAD_SECONDS + limits.LOOK_SECONDS) * SECOND
# Slow, and yet faster than what is cut off, for longer than that takes.
HONEST_BYTES, HONEST_PIECES = 800, 30

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connection(server: Server) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def seconds_until_cut(streams: Streams, piece: bytes = b"") -> tuple[float, bytes]:
    """Sends that piece now and then until the server hangs up; what it said last."""
    reader, writer = streams
    began, said = time.monotonic(), asyncio.create_task(reader.read())
    while not said.done():
        if piece and not writer.transport.is_closing():
            writer.write(piece)
        await asyncio.wait([said], timeout=SECOND)
        assert time.monotonic() - began < CUT_SECONDS + 3 * SLACK, "is not cut off"
    try:
        return time.monotonic() - began, said.result()
    except ConnectionResetError:
        return time.monotonic() - began, b""


async def silent(server: Server) -> float:
    async with connection(server) as streams:
        seconds, said = await seconds_until_cut(streams)
    assert said == b""
    return seconds


async def slow_head(server: Server) -> float:
    async with connection(server) as streams:
        streams[1].write(b"GET /api/tickets/tickets/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        seconds, said = await seconds_until_cut(streams, b"x")
    assert said.startswith(b"HTTP/1.1 408 ") or not said
    return seconds


async def slow_body(server: Server, desk: Desk) -> float:
    async with connection(server) as streams:
        streams[1].write(head(desk, TICKETS, "application/json", 10_000) + b"{")
        seconds, said = await seconds_until_cut(streams, b" ")
    assert said.startswith(b"HTTP/1.1 408 ") or not said
    return seconds


def head(desk: Desk, path: str, media_type: str, length: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n"
        f"Authorization: {desk.headers['Authorization']}\r\nContent-Type: {media_type}\r\n\r\n"
    ).encode()


async def honest_upload(server: Server, desk: Desk) -> int:
    """The status that a slow line gets in the end."""
    async with Client(server.port, desk.headers) as client:
        ticket = (await client.post(TICKETS, desk.ticket())).json()["id"]
    before = (
        f'--cut\r\nContent-Disposition: form-data; name="ticket"\r\n\r\n{ticket}\r\n'
        '--cut\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    ).encode()
    after, length = b"\r\n--cut--\r\n", HONEST_BYTES * HONEST_PIECES
    whole = len(before) + length + len(after)
    async with connection(server) as (reader, writer):
        path, media_type = "/api/tickets/attachments/", "multipart/form-data; boundary=cut"
        writer.write(head(desk, path, media_type, whole) + before)
        for _ in range(HONEST_PIECES):
            writer.write(b"x" * HONEST_BYTES)
            await asyncio.sleep(SECOND)
        writer.write(after)
        return (await read_head(reader))[0]


async def patient_client(server: Server, desk: Desk) -> set[int]:
    """Asks now and then on one connection, for longer than a silent one lives."""
    async with Client(server.port, desk.headers) as client:
        return {(await ask_and_wait(client)) for _ in range(int(CUT_SECONDS / SECOND) // 2 + 3)}


async def ask_and_wait(client: Client) -> int:
    answer = await client.get(LIST)
    await asyncio.sleep(2 * SECOND)
    return answer.status


async def test_slow_and_silent_clients_are_cut_off_and_nobody_else_notices(
    start: Any, settings: dict[str, str], note: Any
) -> None:
    server = start(command=HASTY, HASTE=str(HASTE), **settings)
    desk = open_desk(server)

    upload = asyncio.create_task(honest_upload(server, desk))
    patient = asyncio.create_task(patient_client(server, desk))
    kinds = {
        f"{IDLE} silent": [silent(server) for _ in range(IDLE)],
        f"{SLOW} slow headers": [slow_head(server) for _ in range(SLOW)],
        f"{SLOW} slow bodies": [slow_body(server, desk) for _ in range(SLOW)],
    }
    cut = await asyncio.gather(*(asyncio.gather(*clients) for clients in kinds.values()))

    assert await patient == {200}
    assert await upload == 201
    # Not at once; hundreds of clients notice one after another when they were let in.
    assert min(map(min, cut)) > limits.HEAD_SECONDS * SECOND / 2
    for kind, seconds in zip(kinds, cut, strict=True):
        note(f"{kind} connections", rounds=1, errors=0, measured=f"cut after {max(seconds):.0f} s")


async def test_headers_without_end_are_refused(start: Any, settings: dict[str, str]) -> None:
    server = start(**settings)

    async with connection(server) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        for number in range(limits.HEAD_BYTES // 4000 + 2):
            writer.write(b"X-%d: %b\r\n" % (number, b"x" * 4000))
            await asyncio.sleep(0.01)
        status, _ = await read_head(reader)

    assert status == 431


async def test_without_files_for_more_connections_people_are_let_in_once_others_have_gone(
    start: Any, settings: dict[str, str]
) -> None:
    server = start(**settings)
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (FILES, FILES))

    async with AsyncExitStack() as silent:
        for _ in range(2 * FILES):
            await silent.enter_async_context(connection(server))
        async with Client(server.port) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(2):
                    await client.get("/healthz")

    async with Client(server.port) as client, asyncio.timeout(3 * SLACK):
        assert (await client.get("/healthz")).status == 200


@pytest.mark.skipif(not IS_LONG, reason="takes two minutes")
async def test_who_does_not_read_the_answer_is_cut_off(
    start: Any, settings: dict[str, str], note: Any
) -> None:
    """A thousand lists are asked for, one after another, and none is taken."""
    server = start(**settings)
    desk = open_desk(server)
    request = (
        f"GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {desk.headers['Authorization']}\r\n\r\n"
    ).encode()
    began = time.monotonic()

    async with connection(server) as (reader, writer):
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(request * 1000)
        while not await is_refused(writer):
            assert time.monotonic() - began < limits.READING_SECONDS + 6 * SLACK
    assert time.monotonic() - began >= limits.READING_SECONDS
    note("client that never reads", measured=f"cut after {time.monotonic() - began:.0f} s")


async def is_refused(writer: asyncio.StreamWriter) -> bool:
    """Whether the server has hung up, as who goes on sending finds out."""
    await asyncio.sleep(1)
    writer.write(b"GET")
    return writer.transport.is_closing()
