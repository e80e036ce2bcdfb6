"""Put the files of a logo that goes on the list of files to remove."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-25T09:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Put the files of a logo that goes on the list of files to remove."

LOGOS = """
ALTER TABLE company
    ADD CONSTRAINT company_logo_key UNIQUE (logo),
    ADD CONSTRAINT company_logo_thumbnail_key UNIQUE (logo_thumbnail);
CREATE FUNCTION company_logo_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unclaimed_file (path, due_at)
        SELECT path, now() FROM unnest(ARRAY[OLD.logo, OLD.logo_thumbnail]) AS gone(path)
        WHERE path IS NOT NULL
        ON CONFLICT (path) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER company_logo_changed AFTER UPDATE ON company FOR EACH ROW
    WHEN (OLD.logo IS DISTINCT FROM NEW.logo) EXECUTE FUNCTION company_logo_gone();
CREATE TRIGGER company_logo_removed AFTER DELETE ON company FOR EACH ROW
    WHEN (OLD.logo IS NOT NULL) EXECUTE FUNCTION company_logo_gone();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute(LOGOS)
