"""Who has connected is let in soon, however many have come with them."""

import asyncio
import gc
import socket
from collections.abc import Iterator

import pytest
import uvicorn
import uvloop

from ticketing_server.connections import Connection, Server
from ticketing_server.connections.server import AT_ONCE

CLIENTS = 8 * AT_ONCE


async def nobody(scope, receive, send):
    """Is not asked."""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener
    gc.unfreeze()


async def rounds_until_all_are_in(listener: socket.socket) -> int:
    """Of the event loop, from when all have connected."""
    server = Server(uvicorn.Config(nobody, http=Connection, lifespan="off", log_config=None))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup([listener])
    clients = [socket.create_connection(listener.getsockname()) for _ in range(CLIENTS)]
    rounds = 0
    while len(server.server_state.connections) < CLIENTS:
        await asyncio.sleep(0)
        rounds += 1
    for client in clients:
        client.close()
    await server.shutdown([listener])
    return rounds


def test_a_crowd_is_let_in_many_in_each_round(listener):
    """uvloop by itself lets one in."""
    assert uvloop.run(rounds_until_all_are_in(listener)) < CLIENTS / 4
