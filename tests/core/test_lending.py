"""Connections are lent again at once, and only those that are well (core.db.lending)."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from ticketing_server.core.db import DB, lending
from ticketing_server.core.db.engine import leave_as_it_is
from ticketing_server.core.db.lending import Lender, is_lost


@pytest.fixture
async def lender(worker_database) -> AsyncIterator[Lender]:
    """Of two connections."""
    async with asyncpg.create_pool(**DB.config, min_size=0, max_size=2, reset=leave_as_it_is) as it:
        lender = Lender(it, 2)
        yield lender
        await lender.close()


async def test_one_that_is_out_when_all_are_given_back_follows_them(lender):
    idle, out = await lender.acquire(), await lender.acquire()
    await lender.release(idle)
    await lender.close()

    await lender.release(out)

    assert lender.pool.get_idle_size() == 2


def process_of(connection: asyncpg.Connection) -> int:
    return connection.get_server_pid()


async def test_what_comes_back_goes_to_whoever_comes_next(lender):
    first = await lender.acquire()
    await lender.release(first)

    assert await lender.acquire() is first
    assert (lender.pool.get_size(), lender.idle) == (1, 0)
    await lender.release(first)
    assert lender.idle == 1


async def test_the_one_that_came_back_last_goes_first(lender):
    one, other = await lender.acquire(), await lender.acquire()
    await lender.release(one)
    await lender.release(other)

    assert await lender.acquire() is other
    await lender.release(other)


async def test_one_that_was_lost_meanwhile_is_not_lent(lender):
    lost = await lender.acquire()
    process = process_of(lost)
    await lender.release(lost)
    await terminate(process)
    await until(lambda: is_lost(lost))

    new = await lender.acquire()

    assert process_of(new) != process
    assert await new.fetchval("SELECT 1") == 1
    await lender.release(new)
    assert lender.pool.get_size() == 1


async def test_one_whose_statement_was_cut_short_is_lent_when_it_has_ended(lender):
    connection = await lender.acquire()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await connection.fetchval("SELECT pg_sleep(30)")
    await lender.release(connection, is_well=False)

    again = await lender.acquire()

    assert await again.fetchval("SELECT 1") == 1
    await lender.release(again)


async def test_one_that_was_long_here_goes_back_to_the_pool(lender, monkeypatch):
    monkeypatch.setattr(lending, "HOLD_SECONDS", 0.05)
    used, idle = await lender.acquire(), await lender.acquire()
    await lender.release(idle)
    await lender.release(used)
    assert lender.pool.get_idle_size() == 0
    await asyncio.sleep(0.06)

    await lender.release(await lender.acquire())

    assert lender.pool.get_idle_size() == 1
    assert lender.idle == 2


async def test_nobody_gets_more_than_there_are(lender):
    async def use() -> int:
        connection = await lender.acquire()
        process = await connection.fetchval("SELECT pg_backend_pid() FROM pg_sleep(0.002)")
        await lender.release(connection)
        return process

    processes = await asyncio.gather(*[use() for _ in range(60)])

    assert len(set(processes)) == 2
    assert lender.pool.get_size() == lender.idle == 2


async def terminate(process: int) -> None:
    connection = await asyncpg.connect(DB.config["dsn"])
    await connection.execute(f"SELECT pg_terminate_backend({process})")
    await connection.close()


async def until(is_so) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)
