"""Which migrations a database has seen; a backup is loaded at the very level it was taken at."""

import contextlib
import io
import logging

from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.conf.apps import MigrationModule
from typing_extensions import override

from ticketing_server.database import APP_REGISTRY

from .contents import Connection
from .manifest import Manifest, Refused

logger = logging.getLogger(__name__)

Level = dict[str, list[str]]


class _Named(ForwardsMigrationManager):
    """Runs some migrations and no others, whichever a later version has put between them."""

    def __init__(self, app_name: str, ids: list[str]) -> None:
        super().__init__(app_name)
        self._ids = ids

    @override
    def get_migration_modules(self, folder_path: str) -> dict[str, MigrationModule]:
        modules = super().get_migration_modules(folder_path)
        return {id: module for id, module in modules.items() if id in self._ids}


async def level(connection: Connection) -> Level:
    """What the database has seen, of every app that ever left its mark on it."""
    if await connection.fetchval("SELECT to_regclass('migration')") is None:
        return {}
    seen: Level = {}
    for row in await connection.fetch("SELECT app_name, name FROM migration ORDER BY id"):
        seen.setdefault(row["app_name"], []).append(row["name"])
    return seen


def shipped() -> Level:
    """What this version and the installed plugins bring."""
    manager = BaseMigrationManager()
    return {
        name: sorted(manager.get_migration_modules(app.resolved_migrations_folder_path))
        for name, app in APP_REGISTRY.app_configs.items()
    }


async def level_of_this_version(connection: Connection) -> Level:
    """The level of every app that is here. Raises Refused when it is not what this version has."""
    seen, known = await level(connection), shipped()
    for app, ids in known.items():
        if set(seen.get(app, [])) != set(ids):
            raise Refused(
                f"The database is not at the level of this version ({app}): back it up with the"
                " version that served it last, or run `ticketing-server migrate` first."
            )
    for app in seen.keys() - known.keys():
        logger.warning("the tables of %s are left out: it is not installed, or switched off", app)
    return {app: seen[app] for app in known}


def check_known(manifest: Manifest) -> None:
    """Raises Refused for a file of a later version, or of a plugin that is not here."""
    known = shipped()
    for app, ids in manifest.migrations.items():
        if app not in known:
            raise Refused(f"The file holds the tables of {app}: install that plugin first.")
        if unknown := set(ids) - set(known[app]):
            raise Refused(
                f"The file was made by version {manifest.made_by} and has seen {len(unknown)}"
                f" migrations of {app} that are unknown here: install that version or a later one."
            )


async def bring_to(connection: Connection, wanted: Level) -> None:
    """Runs what the file has seen and the database has not. Raises Refused if it has seen more."""
    seen = await level(connection)
    if any(set(seen.get(app, [])) - set(ids) for app, ids in wanted.items()):
        raise Refused(
            "The database was already brought to a later version than the file's: restore into a"
            " new data directory, or into a new database."
        )
    with contextlib.redirect_stdout(io.StringIO()):
        for app in BaseMigrationManager().get_sorted_app_names():
            if app in wanted:
                await _Named(app, wanted[app]).run()
