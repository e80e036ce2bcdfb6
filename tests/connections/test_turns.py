"""Requests that come together begin a few at a time, in order, and none is forgotten."""

import asyncio

from ticketing_server.connections.turns import AT_ONCE, Turns


async def test_a_crowd_begins_a_few_at_a_time_and_in_order():
    turns, begun, rounds = Turns(asyncio.get_running_loop()), [], []

    for number in range(3 * AT_ONCE):
        turns.take(lambda waited, number=number: begun.append(number))
    while len(begun) < 3 * AT_ONCE:
        rounds.append(len(begun))
        await asyncio.sleep(0)

    assert begun == list(range(3 * AT_ONCE))
    assert rounds[0] == AT_ONCE
    assert len(rounds) >= 2


async def test_who_comes_alone_begins_at_once():
    turns, waits = Turns(asyncio.get_running_loop()), []

    for _ in range(3 * AT_ONCE):
        turns.take(waits.append)
        await asyncio.sleep(0.001)

    assert waits == [0.0] * 3 * AT_ONCE
