"""Takes a backup of a server that goes on working: one snapshot, and every file that it names."""

from typing import Any
from zipfile import ZipFile

from ticketing_server.core.clock import now
from ticketing_server.core.db import DB
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.unclaimed import KEEP_FILES

from . import files
from .archive import new_table, write_manifest
from .contents import PORTABLE, UNHURRIED, Connection, carried, describe, rows_of
from .level import level_of_this_version
from .manifest import Manifest, Table
from .progress import Progress

# Somebody may be removing a batch of files from a slow store.
PATIENT = "SET lock_timeout = '1min'; SET idle_session_timeout = 0;"


async def back_up(archive: ZipFile, storage: Storage) -> Manifest:
    """Raises Refused for a database that this version would not read whole."""
    connection: Any = await DB.get_new_connection()
    try:
        await level_of_this_version(connection)
        # Before the snapshot: the files that it names are there, and stay until the end.
        await connection.execute(PATIENT + KEEP_FILES)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            manifest = await _copy_tables(connection, archive)
            paths = await files.paths(connection)
        manifest.files = await files.take(archive, storage, paths)
    finally:
        await connection.close()
    write_manifest(archive, manifest)
    return manifest


async def _copy_tables(connection: Connection, archive: ZipFile) -> Manifest:
    tables = carried()
    await connection.execute(UNHURRIED + PORTABLE + _lock(tables))
    manifest = Manifest(
        made_at=now(),
        postgres=await connection.fetchval("SHOW server_version"),
        migrations=await level_of_this_version(connection),
        tables=tables,
    )
    await describe(connection, tables)
    progress = Progress()
    for table in tables:
        progress.tell("copying the table %s", table.name)
        await _copy(connection, archive, table)
    return manifest


def _lock(tables: list[Table]) -> str:
    """Migrations wait from here on; LOCK takes no snapshot yet, so none is missed either."""
    names = ", ".join(table.identifier for table in tables)
    return f"LOCK TABLE migration, {names} IN ACCESS SHARE MODE"


async def _copy(connection: Connection, archive: ZipFile, table: Table) -> None:
    with new_table(archive, table) as member:
        status = await connection.copy_from_table(
            table.name, schema_name=table.schema, columns=table.columns, output=member
        )
    table.rows = rows_of(status)
