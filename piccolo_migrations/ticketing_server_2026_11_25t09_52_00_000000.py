"""Count a name that is gone with its account as no change of the ticket, comment or project."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-25T09:52:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Count a name that is gone with its account as no change."

# Nothing but the deletion of an account clears these. A whole ticket cannot be compared: its
# search words are generated, and a dump with such a trigger could not be restored.
UNLESS_ORPHANED = {
    "ticket": "OLD.reporter IS NULL OR NEW.reporter IS NOT NULL",
    "comment": "OLD.* IS DISTINCT FROM NEW.* AND (OLD.author IS NULL OR NEW.author IS NOT NULL)",
    "project": "OLD.* IS DISTINCT FROM NEW.*"
    " AND (OLD.created_by IS NULL OR NEW.created_by IS NOT NULL)",
}

TRIGGER = """
DROP TRIGGER {table}_changed ON {table};
CREATE TRIGGER {table}_changed BEFORE UPDATE ON {table}
    FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION row_changed();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    for table, condition in UNLESS_ORPHANED.items():
        await connection.execute(TRIGGER.format(table=table, condition=condition))
