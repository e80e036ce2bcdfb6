"""Brings the database to this version: safe when several processes do it at once."""

import contextlib
import functools
import io
from typing import cast

import asyncpg
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import AppRegistry

from ticketing_server.core.db import DB

APP_REGISTRY = AppRegistry(apps=["ticketing_server.piccolo_app"])

# Any number will do, as long as nothing else on the same database locks it.
MIGRATION_LOCK = 1953063787


async def migrate() -> None:
    """All pending migrations in one transaction, their records included; a second run does nothing.

    Raises RuntimeError with Piccolo's message when a migration fails.
    """
    async with DB.transaction() as transaction:
        connection = cast(asyncpg.Connection, transaction.connection)
        await connection.execute("SET LOCAL lock_timeout = '5min'; SET LOCAL statement_timeout = 0")
        await connection.execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        with contextlib.redirect_stdout(io.StringIO()) as said:
            result = await run_forwards("all")
        if not result.success:
            raise RuntimeError(result.message or said.getvalue())


async def pending_migrations() -> list[str]:
    """The migrations that this version ships and the database has not seen; [] when up to date."""
    app = BaseMigrationManager().get_app_config("ticketing_server")
    shipped = _shipped(app.resolved_migrations_folder_path)
    if not await Migration.table_exists():
        return shipped
    ran = await Migration.get_migrations_which_ran(app_name=app.app_name)
    return [id for id in shipped if id not in ran]


@functools.cache
def _shipped(folder: str) -> list[str]:
    return sorted(BaseMigrationManager().get_migration_modules(folder))
