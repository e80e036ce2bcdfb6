"""Databases of a known size, filled once and kept between runs."""

from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import asyncpg

from ticketing_server.core.db import DB
from ticketing_server.core.secrets.passwords import HASHER
from ticketing_server.database import migrate
from ticketing_server.piccolo_app import APP_CONFIG

FILLING = Path(__file__).with_name("filling.sql")
COUNTING = ("00_40", "01_00", "01_01")
PASSWORD = "a good long password"

LARGE = [
    "ticket", "ticket_words", "ticket_assignee", "ticket_follower", "ticket_tag", "comment",
    "event",
]  # fmt: skip
INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i
WHERE i.indrelid::regclass::text = ANY($1)
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


async def fill(dsn: str, tickets: int) -> None:
    """The tables of this version, with their rows; indexes are built afterwards, all at once."""
    DB.configure(dsn)
    await migrate()
    connection = await asyncpg.connect(dsn, server_settings={"maintenance_work_mem": "512MB"})
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = 0")
            indexes = await connection.fetch(INDEXES, LARGE)
            for index in indexes:
                await connection.execute(f"DROP INDEX {index['name']}")
            await connection.execute(_filling(tickets))
            for index in indexes:
                await connection.execute(index["definition"])
            await connection.execute("ANALYZE")
            for statements in _counting():
                await connection.execute(statements)
            await connection.execute("SET session_replication_role = origin")
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


def _counting() -> Iterator[str]:
    """What the migrations count of tickets that they find."""
    by_place, pressing, of_dashboards = (_migration(time) for time in COUNTING)
    yield by_place.FILL
    yield pressing.FILL
    for kind in (of_dashboards.PRESSING, of_dashboards.ASSIGNED):
        yield of_dashboards._written(kind, of_dashboards.FILL)
    yield "SELECT fold_pressing_counts(id) FROM project"


def _migration(time: str) -> Any:
    folder = Path(APP_CONFIG.resolved_migrations_folder_path)
    path = folder / f"ticketing_server_2026_11_28t{time}_00_000000.py"
    specification = spec_from_file_location(path.stem, path)
    assert specification is not None
    module = module_from_spec(specification)
    assert specification.loader is not None
    specification.loader.exec_module(module)
    return module


def _filling(tickets: int) -> str:
    text = FILLING.read_text(encoding="utf-8")
    return text.replace("{tickets}", str(tickets)).replace("{password}", HASHER.hash(PASSWORD))
