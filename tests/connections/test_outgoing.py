"""The head of an answer leaves with the first piece of its body, and not without one."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.connections.serving import started

ASK = b"%b / HTTP/1.1\r\nhost: localhost\r\n%b\r\n"
TIMES = 50


@pytest.fixture
def connected(listener):
    @asynccontextmanager
    async def connected(app):
        """A client of a server of that app: what it reads from, and what it writes to."""
        server = await started(listener, app)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            await server.shutdown([listener])

    return connected


def answering(*pieces, **headers):
    """An app that answers in these pieces, the last of which ends the body."""

    async def app(scope, receive, send):
        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": named})
        for number, piece in enumerate(pieces, 1):
            more = number < len(pieces)
            await send({"type": "http.response.body", "body": piece, "more_body": more})
            await asyncio.sleep(0.05 if more else 0)

    return app


async def read(reader):
    return await asyncio.wait_for(reader.read(2**16), 5)


async def test_a_client_is_woken_once_for_a_whole_answer(connected):
    async with connected(answering(b"{}", **{"content-length": "2"})) as (reader, writer):
        for _ in range(TIMES):
            writer.write(ASK % (b"GET", b""))
            assert (await read(reader)).endswith(b"\r\n\r\n{}")


async def test_a_body_in_pieces_is_sent_as_they_come(connected):
    async with connected(answering(b"one", b"two", b"")) as (reader, writer):
        writer.write(ASK % (b"GET", b""))
        pieces = [await read(reader) for _ in range(3)]

    assert pieces[0].endswith(b"\r\n\r\n3\r\none\r\n")
    assert pieces[1:] == [b"3\r\ntwo\r\n", b"0\r\n\r\n"]


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
async def test_an_answer_without_a_body_is_a_head(connected, method):
    async with connected(answering(b"", **{"content-length": "0"})) as (reader, writer):
        for _ in range(2):
            writer.write(ASK % (method, b""))
            answer = await read(reader)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert answer.endswith(b"\r\n\r\n")


async def test_who_asks_for_nothing_more_is_answered_and_left(connected):
    async with connected(answering(b"{}", **{"content-length": "2"})) as (reader, writer):
        writer.write(ASK % (b"GET", b"connection: close\r\n"))
        heard = await asyncio.wait_for(reader.read(), 5)

    assert heard.endswith(b"\r\n\r\n{}")


async def test_a_head_without_its_body_is_all_that_is_heard_of_an_answer_that_breaks_off(connected):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    async with connected(app) as (reader, writer):
        writer.write(ASK % (b"GET", b""))
        heard = await asyncio.wait_for(reader.read(), 5)

    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
    assert heard.endswith(b"\r\n\r\n")


async def test_who_waits_for_leave_to_send_a_body_is_told_to_go_on_at_once(connected):
    async def app(scope, receive, send):
        message = await receive()
        await answering(message["body"])(scope, receive, send)

    async with connected(app) as (reader, writer):
        writer.write(ASK % (b"POST", b"expect: 100-continue\r\ncontent-length: 2\r\n"))
        told = await read(reader)
        writer.write(b"ab")
        answer = await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 5)

    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert b"ab" in answer
