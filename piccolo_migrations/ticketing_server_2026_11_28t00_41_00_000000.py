"""Keep the words of tickets apart from the tickets."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T00:41:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Keep the words of tickets apart from the tickets."

# Words go out of the row whenever there are any, so that a bitmap of matches touches few pages; what
# is out of the row is read only where a ticket's words are looked at without the index.
SEARCH = """
ALTER TABLE ticket_words ADD COLUMN words tsvector;
ALTER TABLE ticket_words ALTER COLUMN words SET STORAGE EXTERNAL;
ALTER TABLE ticket_words SET (toast_tuple_target = 128);
INSERT INTO ticket_words (ticket, project, created_at, words)
    SELECT id, project, created_at, search FROM ticket;
ALTER TABLE ticket_words ALTER COLUMN words SET NOT NULL,
    ADD CONSTRAINT ticket_words_ticket_fkey FOREIGN KEY (project, ticket)
        REFERENCES ticket (project, id) ON DELETE CASCADE;
CREATE INDEX ticket_words_search ON ticket_words USING gin (words);
ALTER TABLE ticket DROP COLUMN search;

CREATE FUNCTION ticket_words_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_words (ticket, project, created_at, words)
        SELECT id, project, created_at, search_document(name, description) FROM written;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_words_written AFTER INSERT ON ticket
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ticket_words_written();

CREATE FUNCTION ticket_words_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ticket_words SET words = search_document(NEW.name, NEW.description)
        WHERE ticket = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_words_changed AFTER UPDATE OF name, description ON ticket FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.description <> NEW.description)
    EXECUTE FUNCTION ticket_words_changed();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute("LOCK TABLE ticket IN SHARE ROW EXCLUSIVE MODE")
    await connection.execute(SEARCH)
