"""Databases of a known size, filled once and kept between runs."""

from pathlib import Path

import asyncpg

from ticketing_server.core.db import DB
from ticketing_server.core.passwords import HASHER
from ticketing_server.database import migrate

FILLING = Path(__file__).with_name("filling.sql")
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
            await connection.execute("SET session_replication_role = origin")
            for index in indexes:
                await connection.execute(index["definition"])
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


def _filling(tickets: int) -> str:
    text = FILLING.read_text(encoding="utf-8")
    return text.replace("{tickets}", str(tickets)).replace("{password}", HASHER.hash(PASSWORD))
