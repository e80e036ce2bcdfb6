"""All or nothing, and every connection comes back as it went (core.engine, core.db)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tests.conftest import client_of
from tests.world import add_person
from ticketing_server.core.db import (
    DB,
    Sql,
    atomic,
    execute,
    pool,
    rows,
    scalar,
    scalars,
    turnstile,
)

TIMES = 5  # more often than the small pool has connections


@asynccontextmanager
async def connections(size: int) -> AsyncIterator[None]:
    """A pool of that size in place of the suite's own."""
    whole, DB.pool = (DB.pool, DB.lender), None
    async with pool(size):
        yield
    DB.pool, DB.lender = whole


@pytest.fixture
async def two_connections(empty_database) -> AsyncIterator[None]:
    async with connections(2):
        yield


@pytest.fixture
async def one_connection(empty_database) -> AsyncIterator[None]:
    async with connections(1):
        yield


async def names() -> list[str]:
    return await scalars(Sql("SELECT username FROM account ORDER BY id"), str)


async def wait_until(sql: str) -> None:
    """Until the statement says true, as seen from outside the pool."""
    connection = await asyncpg.connect(DB.config["dsn"])
    while not await connection.fetchval(sql):
        await asyncio.sleep(0.01)
    await connection.close()


# Giving connections back


@atomic
async def fail_at_commit() -> None:
    """Two columns with one order: a deferred constraint, looked at by COMMIT."""
    await execute(Sql("INSERT INTO project (name, key) VALUES ('P', 'PP')"))
    for name in ("one", "two"):
        await execute(
            Sql(
                'INSERT INTO board_column (project, name, status, category, color, "order")'
                " SELECT id, {}, {}, 'todo', '#000000', 0 FROM project",
                name,
                name,
            )
        )


@atomic
async def fail_in_a_statement() -> None:
    await execute(Sql("SELECT 1 / 0"))


@atomic
async def fail_in_python() -> None:
    await add_person("nobody")
    raise LookupError


@atomic
async def lose_the_connection() -> None:
    await execute(Sql("SELECT pg_terminate_backend(pg_backend_pid())"))


@pytest.mark.parametrize(
    ("action", "error"),
    [
        (fail_at_commit, asyncpg.UniqueViolationError),
        (fail_in_a_statement, asyncpg.DivisionByZeroError),
        (fail_in_python, LookupError),
        (lose_the_connection, (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError)),
    ],
)
async def test_a_transaction_that_fails_gives_its_connection_back(two_connections, action, error):
    await _fail_often(action, error)

    assert await asyncio.wait_for(names(), timeout=2) == []
    await asyncio.gather(*(add_person(f"person-{number}") for number in range(TIMES)))
    assert len(await names()) == TIMES


async def _fail_often(
    action: Callable[[], Awaitable[None]], error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    for _ in range(TIMES):
        with pytest.raises(error):
            await action()


async def test_a_cancelled_transaction_leaves_nothing_behind(one_connection):
    @atomic
    async def slow() -> None:
        await add_person("nobody")
        await execute(Sql("SELECT pg_sleep(60)"))

    task = asyncio.create_task(slow())
    await wait_until("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')")
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.wait_for(names(), timeout=2) == []
    assert await scalar(Sql("SELECT pg_current_xact_id_if_assigned() IS NULL"), bool)


async def test_who_finds_no_connection_is_told_so_in_time(one_connection, app, monkeypatch):
    monkeypatch.setattr(turnstile, "PATIENCE_SECONDS", 0.05)
    login = {"username": "uma", "password": "anything"}

    async with DB.transaction():
        waiting = asyncio.create_task(_outside(client_of(app).post, login))
        answer = await asyncio.wait_for(waiting, timeout=2)

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    again = await client_of(app).post("/tickets/auth/login/", json=login)
    assert again.status_code == 400


async def _outside(post, login):
    """In a task of its own, outside the transaction of the one who holds the connection."""
    DB.current_transaction.set(None)
    return await post("/tickets/auth/login/", json=login)


async def test_connections_that_were_cut_are_replaced(two_connections):
    await asyncio.gather(*(scalar(Sql("SELECT pg_sleep(0.05)::text"), str) for _ in range(2)))
    killer = await asyncpg.connect(DB.config["dsn"])
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    cut = [
        row["pid"] for row in await killer.fetch(f"SELECT pid, pg_terminate_backend(pid) {others}")
    ]
    await killer.close()
    await wait_until(f"SELECT NOT EXISTS (SELECT {others} AND pid = ANY(ARRAY{cut}))")

    assert len(cut) >= 2
    assert await names() == []


async def test_who_waits_for_a_transaction_that_outlives_the_pool_is_told_at_once(empty_database):
    """That there are no connections any more, instead of waiting for one until it is too late."""
    begun, last = asyncio.Event(), asyncio.Event()

    async def outlive() -> None:
        async with DB.transaction():
            await add_person("late")
            begun.set()
            await last.wait()

    async with connections(1):
        outliving = asyncio.create_task(outlive())
        await begun.wait()
        waiting = asyncio.create_task(names())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.1, last.set)

    await outliving
    with pytest.raises(asyncpg.InterfaceError, match="pool is clos"):
        await waiting
    assert await names() == ["late"]


# Nesting


async def test_an_inner_failure_that_is_caught_loses_the_inner_writes_only(empty_database):
    @atomic
    async def outer() -> None:
        await add_person("before")
        with pytest.raises(LookupError):
            await fail_in_python()
        with pytest.raises(asyncpg.DivisionByZeroError):
            await fail_in_a_statement()
        await add_person("after")

    await outer()

    assert await names() == ["before", "after"]


async def test_an_outer_failure_loses_the_inner_writes_too(empty_database):
    @atomic
    async def outer() -> None:
        await atomic(add_person)("inner")
        raise LookupError

    with pytest.raises(LookupError):
        await outer()

    assert await names() == []


async def test_nobody_outside_sees_what_is_not_committed(empty_database):
    async with DB.transaction():
        await add_person("new")
        assert await asyncio.create_task(_seen_outside()) == []

    assert await names() == ["new"]


async def _seen_outside() -> list[str]:
    DB.current_transaction.set(None)
    return await names()


# What is sent


async def test_a_limit_is_written_into_the_statement(as_user, statements):
    async with statements() as sent:
        await as_user("root").get("/tickets/users/", params={"page": 2, "page_size": 3})

    assert [query for query in sent if "LIMIT 3 OFFSET 3" in query]
    assert not [query for query in sent if "LIMIT $" in query or "OFFSET $" in query]


async def test_a_session_is_clean_for_the_next_one_without_being_reset(
    world, as_user, statements, one_connection
):
    before = await _session()
    async with DB.transaction():
        await execute(Sql("SET LOCAL statement_timeout = '1s'"))
        await execute(Sql("SELECT pg_advisory_xact_lock(1)"))
    key = {"Idempotency-Key": "once"}
    new = {"name": "Mobile App", "key": "MOB"}
    assert (
        await as_user("alice").post("/tickets/projects/", json=new, headers=key)
    ).status_code == 201

    assert await _session() == before
    assert before["statement_timeout"] == "30s"
    async with statements() as sent:
        await names()
    assert not [query for query in sent if "RESET" in query or "UNLISTEN" in query]


async def _session() -> dict[str, object]:
    # PL/pgSQL's own settings are there once a trigger has run in the session.
    settings = Sql(
        "SELECT name, setting || coalesce(unit, '') AS value FROM pg_settings"
        " WHERE name NOT LIKE 'plpgsql.%'"
    )
    kept = {row["name"]: row["value"] for row in await rows(settings, dict[str, str | None])}
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    timeout = await scalar(Sql("SHOW statement_timeout"), str)
    return {**kept, "statement_timeout": timeout, "locks": await scalar(Sql(locks), int)}
