"""Put the file of every attachment that goes on the list of files to remove."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-24T10:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Put the file of every attachment that goes on the list of files to remove."

# A statement at a time: deleting a project takes its attachments away by the thousand.
ATTACHMENTS_GONE = """
CREATE INDEX unclaimed_file_due_at ON unclaimed_file (due_at);
CREATE FUNCTION attachments_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unclaimed_file (path, due_at) SELECT path, now() FROM gone
        ON CONFLICT (path) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER attachments_gone AFTER DELETE ON attachment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION attachments_gone();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute(ATTACHMENTS_GONE)
