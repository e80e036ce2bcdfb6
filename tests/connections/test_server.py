"""Who has connected is let in soon, however many have come with them."""

import asyncio
import socket

import uvloop

from tests.connections.serving import started
from ticketing_server.connections.server import AT_ONCE

CLIENTS = 8 * AT_ONCE
TOGETHER = 16


async def nobody(scope, receive, send):
    """Is not asked."""


async def rounds_until_all_are_in(listener: socket.socket) -> int:
    """Of the event loop, from when all have connected."""
    server = await started(listener, nobody)
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


async def shares_of_two_workers(listener: socket.socket) -> list[int]:
    """How many each has of those who came while the second still slept."""
    first = await started(listener, nobody, workers=2)
    clients = [socket.create_connection(listener.getsockname()) for _ in range(TOGETHER)]
    for _ in range(TOGETHER):
        await asyncio.sleep(0)
    others = listener.dup()
    second = await started(others, nobody, workers=2)
    while True:
        shares = [len(one.server_state.connections) for one in (first, second)]
        if sum(shares) == TOGETHER:
            break
        await asyncio.sleep(0.001)
    for client in clients:
        client.close()
    await first.shutdown([listener])
    await second.shutdown([others])
    return shares


def test_who_comes_together_is_shared_among_workers_that_wake_one_after_another(listener):
    assert min(uvloop.run(shares_of_two_workers(listener))) > 1
