"""End the admin's sessions of an account that is a superuser no more."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-25T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "End the admin's sessions of an account that is a superuser no more."

# For good: one who is made a superuser again signs in again.
DEMOTED = """
CREATE FUNCTION superuser_demoted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM admin_session WHERE account = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER superuser_demoted AFTER UPDATE OF superuser ON account
    FOR EACH ROW WHEN (OLD.superuser AND NOT NEW.superuser) EXECUTE FUNCTION superuser_demoted();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute(DEMOTED)
