"""Waiting for a connection: in order, and for a bounded time."""

import asyncio
from unittest.mock import ANY

import pytest

from ticketing_server.core.db import turnstile
from ticketing_server.core.db.turnstile import PATIENCE, Patience, Turnstile


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(turnstile, "PATIENCE_SECONDS", 0.1)


async def queue_up(gate, entered, name):
    await gate.enter()
    entered.append(name)


async def test_places_are_taken_in_the_order_in_which_they_were_asked_for():
    gate, entered = Turnstile(1), []
    await gate.enter()
    waiting = [asyncio.create_task(queue_up(gate, entered, name)) for name in "abc"]
    await asyncio.sleep(0)

    for _ in waiting:
        gate.leave()
    await asyncio.gather(*waiting)

    assert entered == ["a", "b", "c"]


async def test_who_has_waited_too_long_gives_up_and_takes_no_place():
    gate = Turnstile(1)
    await gate.enter()
    with pytest.raises(TimeoutError):
        await gate.enter()

    gate.leave()

    await gate.enter()


async def test_a_place_given_to_somebody_who_has_gone_is_passed_on():
    gate, entered = Turnstile(1), []
    await gate.enter()
    gone = asyncio.create_task(queue_up(gate, entered, "gone"))
    next_one = asyncio.create_task(queue_up(gate, entered, "next"))
    await asyncio.sleep(0)

    gate.leave()
    gone.cancel()

    await next_one
    assert entered == ["next"]


async def test_patience_is_for_a_request_and_not_for_each_of_its_statements():
    gate = Turnstile(1)
    await gate.enter()
    PATIENCE.set(Patience())
    began = asyncio.get_running_loop().time()

    for _ in range(3):
        with pytest.raises(TimeoutError):
            await gate.enter()

    assert asyncio.get_running_loop().time() - began < 3 * turnstile.PATIENCE_SECONDS


async def test_what_a_request_has_waited_before_leaves_it_less_patience():
    gate = Turnstile(1)
    await gate.enter()
    PATIENCE.set(Patience(waited=turnstile.PATIENCE_SECONDS))
    began = asyncio.get_running_loop().time()

    with pytest.raises(TimeoutError):
        await gate.enter()

    assert asyncio.get_running_loop().time() - began < turnstile.PATIENCE_SECONDS


async def test_it_is_crowded_while_as_many_wait_as_may_be_in():
    gate, entered = Turnstile(2), []
    waiting = [asyncio.create_task(queue_up(gate, entered, name)) for name in "abcd"]
    await asyncio.sleep(0)
    assert gate.is_crowded

    waiting[2].cancel()
    await asyncio.sleep(0)

    assert not gate.is_crowded
    gate.leave()
    gate.leave()
    assert await asyncio.gather(*waiting, return_exceptions=True) == [None, None, ANY, None]
    assert entered == ["a", "b", "d"]


async def test_who_has_lost_patience_is_not_counted_among_the_crowd():
    gate = Turnstile(1)
    await gate.enter()

    with pytest.raises(TimeoutError):
        await gate.enter()

    assert not gate.is_crowded
