"""Brings the database to this version: safe when several processes do it at once."""

import contextlib
import functools
import io
import logging
from collections.abc import Sequence
from typing import cast

import asyncpg
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import AppRegistry

from ticketing_server.core.db import DB

logger = logging.getLogger(__name__)

APP, OURS = "ticketing_server", "ticketing_server.piccolo_app"
APP_REGISTRY = AppRegistry(apps=[OURS])

# Any number will do, as long as nothing else on the same database locks it.
MIGRATION_LOCK = 1953063787


def know_plugins(apps: Sequence[str]) -> None:
    """From here on the tables of these Piccolo apps are migrated and backed up like our own."""
    known = AppRegistry(apps=[OURS, *apps])
    APP_REGISTRY.apps, APP_REGISTRY.app_configs = known.apps, known.app_configs


def plugin_apps() -> list[str]:
    """The names of the Piccolo apps that plugins have brought."""
    return [name for name in APP_REGISTRY.app_configs if name != APP]


async def migrate() -> dict[str, str]:
    """All pending migrations in one transaction, their records included; a second run does nothing.

    Each plugin's follow in a transaction of their own: what went wrong with them is returned, by
    the name of their app. Raises RuntimeError with Piccolo's message when one of ours fails.
    """
    await _migrate(APP)
    failed: dict[str, str] = {}
    for app in plugin_apps():
        try:
            await _migrate(app)
        except Exception as error:  # a plugin's own code may raise anything
            logger.error("the migrations of %s failed", app, exc_info=error)
            failed[app] = f"{type(error).__name__}: {error}"
    return failed


async def pending_migrations(app_name: str = APP) -> list[str]:
    """The migrations that this version ships and the database has not seen; [] when up to date."""
    app = BaseMigrationManager().get_app_config(app_name)
    shipped = _shipped(app.resolved_migrations_folder_path)
    if not await Migration.table_exists():
        return shipped
    ran = await Migration.get_migrations_which_ran(app_name=app.app_name)
    return [id for id in shipped if id not in ran]


async def _migrate(app: str) -> None:
    async with DB.transaction() as transaction:
        connection = cast(asyncpg.Connection, transaction.connection)
        await connection.execute("SET LOCAL lock_timeout = '5min'; SET LOCAL statement_timeout = 0")
        await connection.execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        with contextlib.redirect_stdout(io.StringIO()) as said:
            result = await run_forwards(app)
        if not result.success:
            raise RuntimeError(result.message or said.getvalue())


@functools.cache
def _shipped(folder: str) -> list[str]:
    return sorted(BaseMigrationManager().get_migration_modules(folder))
