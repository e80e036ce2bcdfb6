"""Let an event say whose ticket it is of, so that a company's activity is found by index."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T01:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Let an event say whose ticket it is of."

FILL = """
UPDATE event e SET company = t.company FROM ticket t
    WHERE t.id = e.ticket AND t.company IS NOT NULL;
"""
# As a foreign key would do it that follows its target: an event holds the ticket as it is, together
# with any other event, and a ticket that changes hands waits for them.
COMPANIES = """
CREATE INDEX event_company_newest ON event (project, company, created_at DESC, id DESC)
    WHERE company IS NOT NULL;

CREATE FUNCTION event_of_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT company INTO NEW.company FROM ticket WHERE id = NEW.ticket FOR KEY SHARE;
    RETURN NEW;
END $$;
CREATE TRIGGER event_of_company BEFORE INSERT ON event
    FOR EACH ROW WHEN (NEW.ticket IS NOT NULL) EXECUTE FUNCTION event_of_company();

CREATE FUNCTION ticket_changes_hands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM ticket WHERE id = NEW.id FOR UPDATE;
    UPDATE event SET company = NEW.company WHERE ticket = NEW.id;
    RETURN NEW;
END $$;
CREATE TRIGGER ticket_changes_hands BEFORE UPDATE OF company ON ticket
    FOR EACH ROW WHEN (OLD.company IS DISTINCT FROM NEW.company)
    EXECUTE FUNCTION ticket_changes_hands();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute("LOCK TABLE ticket, event IN SHARE ROW EXCLUSIVE MODE")
    await connection.execute(FILL + COMPANIES)
