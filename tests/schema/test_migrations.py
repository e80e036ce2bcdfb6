"""From nothing to the tables of this version, once, however many begin at once."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager

from tests.conftest import CLUSTER, ENVIRONMENT, clone_template, database_url
from tests.world import stored_tables
from ticketing_server.core.db import Sql, rows
from ticketing_server.database import pending_migrations
from ticketing_server.piccolo_app import APP_CONFIG

# The words of a ticket, which triggers write and Piccolo has no type for.
GENERATED = {("ticket_words", "words", "NO")}

COLUMNS = """
SELECT table_name::text AS of, column_name::text AS name, is_nullable::text AS nullable
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'migration'
"""


async def test_the_migrations_leave_nothing_of_the_tables_out():
    manager = AutoMigrationManager()

    pending = await manager.get_alter_statements(manager.get_app_config("ticketing_server"))

    assert [statement for kind in pending for statement in kind.statements] == []


@pytest.mark.usefixtures("empty_database")
async def test_a_migrated_database_has_exactly_the_columns_of_the_tables():
    found = await rows(Sql(COLUMNS), dict[str, str])

    wanted = {
        (table._meta.tablename, column._meta.db_column_name, "YES" if column._meta.null else "NO")
        for table in stored_tables()
        for column in table._meta.columns
    }
    assert {(one["of"], one["name"], one["nullable"]) for one in found} == wanted | GENERATED


@pytest.mark.usefixtures("empty_database")
async def test_nothing_is_pending_after_migrating():
    assert await pending_migrations() == []


async def migrate(url):
    """`ticketing-server migrate`, in a process of its own; its exit status."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ticketing_server", "migrate"),
        env={**os.environ, **ENVIRONMENT, "DATABASE_URL": url},
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


async def run(url, statement):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


async def test_several_processes_may_migrate_at_once():
    name = f"several_{os.getpid()}"
    await run(os.environ[CLUSTER], f"CREATE DATABASE {name}")

    assert await asyncio.gather(*(migrate(database_url(name)) for _ in range(3))) == [0, 0, 0]

    ours = "SELECT name FROM migration WHERE app_name = 'ticketing_server'"
    told = await run(database_url(name), ours)
    shipped = len(list(Path(APP_CONFIG.resolved_migrations_folder_path).glob("ticketing_*.py")))
    assert len(told) == len({row["name"] for row in told}) == shipped


async def test_migrating_again_changes_nothing():
    url = await clone_template(f"again_{os.getpid()}")
    before = await run(url, "SELECT * FROM migration ORDER BY id")

    assert await migrate(url) == 0
    assert await run(url, "SELECT * FROM migration ORDER BY id") == before
