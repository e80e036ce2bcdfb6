"""Of a crowd that speaks all at once a few are read in each round; a probe among them, at once."""

import asyncio
from contextlib import asynccontextmanager

import uvloop

from tests.connections.serving import started
from ticketing_server.connections import limits
from ticketing_server.connections.turns import READ_AT_ONCE

CLIENTS = 8 * READ_AT_ONCE
BODY = b"x" * 1000
ASKED = b"POST /tickets/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(BODY)
PROBED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def echo(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def crowd(listener):
    """A server, those who have asked it in one breath when the first of them were read, and one
    who has said nothing yet.
    """
    server = await started(listener, echo)
    everybody = [await asyncio.open_connection(*listener.getsockname()) for _ in range(CLIENTS + 1)]
    while len(server.server_state.connections) < len(everybody):
        await asyncio.sleep(0)
    *streams, silent = everybody
    for part in (ASKED, BODY):
        for _, writer in streams:
            writer.write(part)
    while not were_read(server):
        await asyncio.sleep(0)
    try:
        async with asyncio.timeout(20):
            yield server, streams, silent
    finally:
        for _, writer in everybody:
            writer.transport.abort()
        await asyncio.sleep(0)


def were_read(server):
    """How many."""
    return sum(1 for connection in server.server_state.connections if connection.cycle)


async def answers(streams):
    """Bodies, each after a head that says how long it is."""
    return [await answer(reader) for reader, _ in streams]


async def answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    return await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))


def test_a_crowd_is_read_a_few_at_a_time_and_all_that_it_has_said(listener):
    async def story():
        async with crowd(listener) as (server, streams, _):
            assert were_read(server) <= 2 * READ_AT_ONCE
            assert await answers(streams) == [BODY] * CLIENTS
            await server.shutdown([listener])

    uvloop.run(story())


def test_a_probe_is_read_before_a_crowd_that_came_first(listener):
    async def story():
        async with crowd(listener) as (server, _, (reader, writer)):
            writer.write(PROBED)
            await answer(reader)
            assert were_read(server) < CLIENTS
            await server.shutdown([listener])

    uvloop.run(story())


def test_who_has_asked_and_is_not_read_yet_is_answered_by_a_server_that_stops(
    listener, monkeypatch
):
    monkeypatch.setattr(limits, "PARTING_SECONDS", 0.0)

    async def story():
        async with crowd(listener) as (server, streams, _):
            _, said = await asyncio.gather(server.shutdown([listener]), answers(streams))
            assert said == [BODY] * CLIENTS

    uvloop.run(story())


def test_who_has_gone_meanwhile_does_not_hold_up_the_others(listener):
    async def story():
        async with crowd(listener) as (server, streams, _):
            for _, writer in streams[1::2]:
                writer.transport.abort()
            assert await answers(streams[::2]) == [BODY] * (CLIENTS // 2)
            await server.shutdown([listener])

    uvloop.run(story())
