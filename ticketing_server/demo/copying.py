"""Many rows at once: ids from the sequences beforehand, rows by COPY."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

TAKE_IDS = """
SELECT nextval((SELECT pg_get_serial_sequence($1, 'id'))) FROM generate_series(1, $2)
"""


class Connection(Protocol):
    """As much of asyncpg's, which has no types, as the demo needs."""

    async def execute(self, query: str) -> str: ...

    async def fetchval(self, query: str, *args: object) -> Any: ...

    async def fetch(self, query: str, *args: object) -> list[Any]: ...

    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: Iterable[tuple[Any, ...]],
        columns: Sequence[str],
    ) -> str: ...


async def take_ids(connection: Connection, table: str, count: int) -> list[int]:
    """Ascending ids that nobody else will ever get."""
    return [row[0] for row in await connection.fetch(TAKE_IDS, table, count)]


async def copy(
    connection: Connection, table: str, columns: str, rows: Iterable[tuple[Any, ...]]
) -> None:
    """`columns` are names with blanks between; those left out take the table's defaults."""
    await connection.copy_records_to_table(table, records=rows, columns=columns.split())
