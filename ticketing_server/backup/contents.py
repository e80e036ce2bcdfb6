"""What of a database goes into the file: the tables of every registered app, but for a few."""

from typing import Any, Protocol

import msgspec
from piccolo.table import Table as PiccoloTable

from ticketing_server.database import APP_REGISTRY
from ticketing_server.tables import (
    AdminSession,
    IdempotentAnswer,
    ProjectChange,
    Throttle,
    UnclaimedFile,
)

from .manifest import Table

# What is of use for minutes or hours: sessions, attempts, changes, and answers to be repeated,
# which hold an invitation's token in the clear; and files that are in no backup, because no row
# owns them.
LEFT_OUT: set[type[PiccoloTable]] = {
    AdminSession,
    IdempotentAnswer,
    ProjectChange,
    Throttle,
    UnclaimedFile,
}

# How values are written must depend neither on the server nor on its version.
PORTABLE = """
SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC';
SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 3;
"""
UNHURRIED = """
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL lock_timeout = '1min';
"""

# Columns that the database computes are left to it. A sequence is read after the snapshot was
# taken, so it may only be ahead of the ids in the snapshot.
DESCRIBE = """
SELECT json_agg(a.attname ORDER BY a.attnum)::text AS columns, json_object_agg(a.attname,
    s.last_value) FILTER (WHERE s.last_value IS NOT NULL)::text AS last_ids
FROM unnest($1::text[]) WITH ORDINALITY AS carried(name, place)
JOIN pg_attribute a ON a.attrelid = name::regclass
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
LEFT JOIN pg_sequences s ON format('%I.%I', s.schemaname, s.sequencename) =
    pg_get_serial_sequence(name, a.attname)
GROUP BY place ORDER BY place
"""


class Connection(Protocol):
    """As much of asyncpg's, which has no types, as a backup needs."""

    async def execute(self, query: str, *args: object) -> str: ...

    async def fetchval(self, query: str, *args: object) -> Any: ...

    async def fetch(self, query: str, *args: object) -> list[Any]: ...

    async def copy_from_table(
        self, table_name: str, *, schema_name: str | None, columns: list[str], output: object
    ) -> str: ...

    async def copy_to_table(
        self, table_name: str, *, schema_name: str | None, columns: list[str], source: object
    ) -> str: ...


def carried() -> list[Table]:
    """Every table to carry, those of plugins included."""
    return [_named(app, table) for app, table in _registered() if table not in LEFT_OUT]


def known_tables() -> list[Table]:
    """Also those that this version leaves out, and an older one may not have."""
    return [_named(app, table) for app, table in _registered()]


def _registered() -> list[tuple[str, type[PiccoloTable]]]:
    apps = APP_REGISTRY.app_configs.items()
    return [(name, table) for name, app in apps for table in app.table_classes]


def _named(app: str, table: type[PiccoloTable]) -> Table:
    meta = table._meta  # pyright: ignore[reportPrivateUsage]
    return Table(name=meta.tablename, schema=meta.schema, app=app)


async def describe(connection: Connection, tables: list[Table]) -> None:
    """Adds what the database knows of the tables."""
    names = [table.identifier for table in tables]
    for table, found in zip(tables, await connection.fetch(DESCRIBE, names), strict=True):
        table.columns = msgspec.json.decode(found["columns"], type=list[str])
        table.last_ids = msgspec.json.decode(found["last_ids"] or "{}", type=dict[str, int])


def rows_of(status: str) -> int:
    """`COPY 42` is 42."""
    return int(status.removeprefix("COPY "))
