"""Puts a backup into an empty server: all of it, or nothing."""

import os
from pathlib import Path
from typing import cast
from zipfile import ZipFile

from ticketing_server.audit.restoring import tell_restored
from ticketing_server.core.db import DB
from ticketing_server.core.media.files import Storage
from ticketing_server.database import MIGRATION_LOCK, migrate

from .contents import PORTABLE, UNHURRIED, Connection, carried, known_tables, rows_of
from .files import put_or_taken_back
from .level import bring_to, check_known
from .manifest import Manifest, Refused, Table
from .progress import Progress

# Whatever people do begins with an account, so nobody does anything while this lock is held.
ALONE = f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
EXISTS = "SELECT to_regclass('account') IS NOT NULL"
CLOSE = "LOCK TABLE account IN ACCESS EXCLUSIVE MODE"
IS_USED = "SELECT EXISTS (SELECT FROM account)"

# How to suspend, and how to put back, what would judge or change single rows while they are
# loaded. A foreign key that comes back looks at all rows at once; tables may point at one another.
RULES = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS suspend,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
        pg_get_constraintdef(oid)) AS resume
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY($1::text[]::regclass[])
UNION ALL
SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname),
    format('ALTER TABLE %s ENABLE TRIGGER %I', tgrelid::regclass, tgname)
FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'
    AND tgrelid = ANY($1::text[]::regclass[])
"""
# A table that a later migration makes is not there yet, and not in the file.
THERE = "SELECT array_agg(name) FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL"
LAST_ID = "SELECT setval(pg_get_serial_sequence($1, $2), $3)"
# ALTER TABLE refuses while a check is still to be made.
CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"


async def restore(archive: ZipFile, manifest: Manifest, storage: Storage) -> None:
    """Raises Refused for a server that is not empty, and for a file of a later version."""
    check_known(manifest)
    async with put_or_taken_back(archive, storage) as files, DB.transaction() as transaction:
        connection = cast(Connection, transaction.connection)
        await connection.execute(UNHURRIED + PORTABLE + ALONE)
        await _check_empty(connection)
        await bring_to(connection, manifest.migrations)
        await _check_tables(connection, manifest)
        await _load(connection, archive, manifest.tables)
        await _migrate_on()
        await tell_restored(_name(archive), manifest.made_at, manifest.made_by)
        await connection.execute("ANALYZE " + ", ".join(_names(manifest.tables)))
        await files.put()


async def _migrate_on() -> None:
    """To this version, and to those of the plugins."""
    for app, reason in (await migrate()).items():
        raise Refused(f"The tables of {app} cannot be brought to this version: {reason}")


async def _check_empty(connection: Connection) -> None:
    if not await connection.fetchval(EXISTS):
        return
    await connection.execute(CLOSE)
    if await connection.fetchval(IS_USED):
        raise Refused("The server is not empty: restore into a new data directory or database.")


async def _check_tables(connection: Connection, manifest: Manifest) -> None:
    """Raises Refused for a file without all of our tables, or with any other."""
    named = {table.identifier for table in manifest.tables}
    if strange := sorted(named - {table.identifier for table in known_tables()}):
        raise Refused(f"The file is damaged: it names {strange[0]}, which is no table of ours.")
    wanted = {table.identifier for table in carried() if table.app in manifest.migrations}
    there = await connection.fetchval(THERE, sorted(wanted - named))
    if there:
        raise Refused(f"The file is damaged: {there[0]} is not in it.")


async def _load(connection: Connection, archive: ZipFile, tables: list[Table]) -> None:
    rules = await connection.fetch(RULES, _names(tables))
    await connection.execute(";".join(rule["suspend"] for rule in rules))
    progress = Progress()
    for table in tables:
        progress.tell("loading the table %s", table.name)
        await _load_one(connection, archive, table)
    await connection.execute(CHECK_NOW)
    await connection.execute(";".join(rule["resume"] for rule in rules))


async def _load_one(connection: Connection, archive: ZipFile, table: Table) -> None:
    """Instead of the rows that a migration may have put there."""
    await connection.execute(f"DELETE FROM {table.identifier}")
    with archive.open(table.member) as member:
        status = await connection.copy_to_table(
            table.name, schema_name=table.schema, columns=table.columns, source=member
        )
    if rows_of(status) != table.rows:
        raise Refused(f"{table.name} has {rows_of(status)} rows in the file, not {table.rows}.")
    for column, last in table.last_ids.items():
        await connection.fetchval(LAST_ID, table.identifier, column, last)


def _name(archive: ZipFile) -> str:
    """The file's; bytes in it that are no text, which the database would not take, replaced."""
    return os.fsencode(Path(archive.filename or "").name).decode(errors="replace")


def _names(tables: list[Table]) -> list[str]:
    return [table.identifier for table in tables]
