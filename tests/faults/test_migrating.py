"""Migrating: by many at once, cut short, and from every schema that was ever released."""

import asyncio
import gzip
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.conftest import TEMPLATE, create_database, database_url
from tests.faults.extent import IS_LONG, ROUNDS
from tests.operations.conftest import COMMAND, SECRET, Server, environment, run
from ticketing_server.core.postgres import binaries

ATONCE = 6
CUTS = ROUNDS // 2 if IS_LONG else 2
KEPT = sorted((Path(__file__).parents[1] / "migrations").glob("*.sql.gz"))
MIGRATING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
AND pid <> pg_backend_pid() AND xact_start < clock_timestamp() - make_interval(secs => $1)
"""
# But for what is folded, forgotten, or written by the migrations themselves.
TABLES = """
SELECT relname::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND relname NOT LIKE '%\\_count' AND relname NOT IN ('migration', 'project_change')
"""
RECOUNT = [sys.executable, "-m", "tests.faults.recounting"]


def named(what: str) -> str:
    return f"{what}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


def migrate(dsn: str) -> "subprocess.Popen[bytes]":
    """`ticketing-server migrate`, under way."""
    settings = environment(DATABASE_URL=dsn, SECRET_KEY=SECRET)
    return subprocess.Popen([*COMMAND, "migrate"], env=settings, stdout=subprocess.DEVNULL)


def schema(dsn: str) -> str:
    """All of it, as SQL; without the mark that is another one in each dump."""
    program = next(binaries.installed()).bin_dir / "pg_dump"
    dumped = subprocess.check_output([program, "--schema-only", "--no-owner", dsn], text=True)
    return "\n".join(line for line in dumped.splitlines() if "restrict " not in line)


async def test_six_processes_may_migrate_one_database_at_once(note: Any) -> None:
    dsn = await create_database(named("six"))

    statuses = [process.wait(timeout=300) for process in [migrate(dsn) for _ in range(ATONCE)]]

    assert statuses == [0] * ATONCE
    assert schema(dsn) == schema(database_url(TEMPLATE))
    note("migrate, six processes at once", rounds=1, lost=0, errors=0)


async def test_a_migration_that_is_killed_half_way_is_as_if_it_had_never_begun(note: Any) -> None:
    dsn = await create_database(named("cut"))
    async with connected(dsn) as connection:
        for number in range(CUTS):
            await kill_half_way(dsn, connection, after=0.05 + 0.4 * number / CUTS)
            assert await connection.fetch(TABLES) == []

    assert migrate(dsn).wait(timeout=300) == 0
    assert schema(dsn) == schema(database_url(TEMPLATE))
    note("kill -9 of migrate, half-way", rounds=CUTS, lost=0, errors=0)


async def kill_half_way(dsn: str, connection: asyncpg.Connection, after: float) -> None:
    """As soon as its transaction has run for so many seconds; returns when it is undone."""
    process = migrate(dsn)
    while not await connection.fetchval(MIGRATING, after):
        assert process.poll() is None, "it has ended too early"
        await asyncio.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while await connection.fetchval(MIGRATING, 0.0):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.name.removesuffix(".sql.gz"))
async def test_an_older_schema_with_its_data_is_brought_up_to_date(
    kept: Path, start: Callable[..., Server], tmp_path: Path, note: Any
) -> None:
    settings = {"DATABASE_URL": await create_database(named("older")), "SECRET_KEY": SECRET}
    dsn = settings["DATABASE_URL"]
    load(gzip.decompress(kept.read_bytes()), dsn)
    before = await sizes(dsn)

    migrated = run("migrate", cwd=tmp_path, **settings)

    assert (migrated.status, migrated.err) == (0, "")
    assert await reread_schema(dsn) == await reread_schema(database_url(TEMPLATE))
    after = await sizes(dsn)
    assert {table: after[table] for table in before} == before
    assert tickets_of(start(**settings), "admin", "admin") == before["ticket"] > 0
    assert subprocess.check_output(RECOUNT, env=environment(**settings)) == b"[]"
    note(f"migrate from {kept.name}", rounds=1, lost=0, errors=0)


async def reread_schema(dsn: str) -> str:
    """A constraint that was loaded from a dump is told in other words than one that was made."""
    again = await create_database(named("reread"))
    load(schema(dsn).encode(), again)
    return schema(again)


def load(sql: bytes, dsn: str) -> None:
    program = next(binaries.installed()).bin_dir / "psql"
    command = [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, dsn]
    subprocess.run(command, input=sql, check=True)


async def sizes(dsn: str) -> dict[str, int]:
    """How many rows each table has."""
    async with connected(dsn) as connection:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        return {
            table: await connection.fetchval(f'SELECT count(*) FROM "{table}"') for table in tables
        }


def tickets_of(server: Server, username: str, password: str) -> int:
    """How many the server counts for them, once they have signed in."""
    with server.client() as client:
        signed_in = client.post("/auth/login/", json={"username": username, "password": password})
        token = signed_in.raise_for_status().json()["tokens"]["access"]
        answer = client.get("/tickets/", headers={"Authorization": f"Bearer {token}"})
    return answer.raise_for_status().json()["count"]
