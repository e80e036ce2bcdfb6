"""Many rows at once: ids from the sequences beforehand, rows by COPY."""

from collections.abc import Iterable
from typing import Any

import asyncpg

TAKE_IDS = """
SELECT nextval((SELECT pg_get_serial_sequence($1, 'id'))) FROM generate_series(1, $2)
"""
# One COPY of a chunk takes seconds; the pool's own 30 s would do on an idle machine only.
PATIENCE = 600.0


async def take_ids(connection: asyncpg.Connection, table: str, count: int) -> list[int]:
    """Ascending ids that nobody else will ever get."""
    return [row[0] for row in await connection.fetch(TAKE_IDS, table, count, timeout=PATIENCE)]


async def copy(
    connection: asyncpg.Connection, table: str, columns: str, rows: Iterable[tuple[Any, ...]]
) -> None:
    """`columns` are names with blanks between; those left out take the table's defaults."""
    await connection.copy_records_to_table(
        table, records=rows, columns=columns.split(), timeout=PATIENCE
    )
