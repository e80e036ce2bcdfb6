"""Requests that come together begin a few at a time, in order, and none is forgotten."""

import asyncio

import pytest

from ticketing_server.connections import turns as module
from ticketing_server.connections.turns import REFUSED_AT_ONCE, Turns

AT_ONCE = 8
BEGIN_SECONDS = 0.1


class Crowd:
    """Before whatever a request needs next."""

    is_there = False

    def __call__(self) -> bool:
        return self.is_there


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(module, "BEGIN_SECONDS", BEGIN_SECONDS)


@pytest.fixture
def crowd():
    return Crowd()


@pytest.fixture
async def turns(crowd):
    return Turns(asyncio.get_running_loop(), AT_ONCE, crowd)


async def rounds_until(begun, number):
    """How many had begun before each round of the event loop."""
    rounds = []
    while len(begun) < number:
        rounds.append(len(begun))
        await asyncio.sleep(0)
    return rounds


async def test_a_crowd_begins_a_few_at_a_time_and_in_order(turns):
    begun = []

    for number in range(3 * AT_ONCE):
        turns.take(lambda waited, number=number: begun.append(number))
    rounds = await rounds_until(begun, 3 * AT_ONCE)

    assert begun == list(range(3 * AT_ONCE))
    assert rounds[0] == AT_ONCE
    assert len(rounds) >= 2


async def test_who_comes_alone_begins_at_once(turns):
    waits = []

    for _ in range(3 * AT_ONCE):
        turns.take(waits.append)
        await asyncio.sleep(0.001)

    assert waits == [0.0] * 3 * AT_ONCE


async def test_nobody_begins_into_a_crowd_and_all_do_once_it_has_gone(turns, crowd):
    waits = []
    crowd.is_there = True
    for _ in range(2 * AT_ONCE):
        turns.take(waits.append)
    await asyncio.sleep(BEGIN_SECONDS / 5)
    assert waits == []

    crowd.is_there = False
    async with asyncio.timeout(5):
        await rounds_until(waits, 2 * AT_ONCE)

    assert len(waits) == 2 * AT_ONCE


async def test_who_has_waited_too_long_is_told_so_though_the_crowd_is_still_there(turns, crowd):
    waits = []
    crowd.is_there = True
    for _ in range(2 * REFUSED_AT_ONCE):
        turns.take(waits.append)

    await asyncio.sleep(0.9 * BEGIN_SECONDS)
    async with asyncio.timeout(5):
        rounds = await rounds_until(waits, 2 * REFUSED_AT_ONCE)

    assert min(waits) >= BEGIN_SECONDS
    assert REFUSED_AT_ONCE in rounds
