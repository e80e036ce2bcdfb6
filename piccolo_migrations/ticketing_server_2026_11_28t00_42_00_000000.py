"""Let lists be cut, counted and walked in indexes alone."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T00:42:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Let lists be cut, counted and walked in indexes alone."

# What the filters of a list ask of a ticket itself.
ASKED = '"column", company, reporter, type, priority_id, due_date, resolved_at'

# The ones by company and by reporter are for people who see no more than their own.
INDEXES = f"""
DROP INDEX ticket_newest, ticket_project_newest, ticket_project_column, ticket_reporter;
CREATE INDEX ticket_newest ON ticket (created_at DESC, id DESC) INCLUDE (project, {ASKED});
CREATE INDEX ticket_project_newest ON ticket (project, created_at DESC, id DESC) INCLUDE ({ASKED});
CREATE INDEX ticket_project_column ON ticket (project, "column", created_at DESC, id DESC)
    INCLUDE (company, reporter, type, priority_id, due_date, resolved_at);
CREATE INDEX ticket_company_newest ON ticket (company, created_at DESC, id DESC)
    INCLUDE (project, "column", reporter, type, priority_id, due_date, resolved_at);
CREATE INDEX ticket_reporter_newest ON ticket (reporter, created_at DESC, id DESC)
    INCLUDE (project, "column", company, type, priority_id, due_date, resolved_at);
CREATE INDEX ticket_open_newest ON ticket (project, created_at DESC, id DESC)
    INCLUDE ("column", company, reporter, type, priority_id, due_date, resolved_at)
    WHERE resolved_at IS NULL;
CREATE INDEX ticket_project_changed ON ticket (project, updated_at DESC, id DESC);
CREATE INDEX ticket_project_priority ON ticket (project, priority_id, id);
CREATE INDEX ticket_project_name ON ticket (project, name, id);
"""

# The index that the foreign keys want is also the one by which a person's own tickets are found.
LINKED = (
    "ticket_assignee", "ticket_follower", "ticket_tag", "ticket_words", "comment", "attachment", "event",
)  # fmt: skip
UNLINK = "ALTER TABLE {table} DROP CONSTRAINT {table}_ticket_fkey;"
LINK = """
ALTER TABLE {table} ADD CONSTRAINT {table}_ticket_fkey FOREIGN KEY (project, ticket)
    REFERENCES ticket (project, id) ON DELETE CASCADE;
"""
KEY = f"""
ALTER TABLE ticket DROP CONSTRAINT ticket_project_id_key;
ALTER TABLE ticket ADD CONSTRAINT ticket_project_id_key UNIQUE (project, id)
    INCLUDE (created_at, {ASKED});
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute(INDEXES)
    await connection.execute("".join(UNLINK.format(table=table) for table in LINKED))
    await connection.execute(KEY)
    await connection.execute("".join(LINK.format(table=table) for table in LINKED))
