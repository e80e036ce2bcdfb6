"""Note which projects a transaction has changed, and index open tickets for the dashboards."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-25T09:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Note which projects a transaction has changed, and index open tickets."

# A statement at a time; whatever changes them, also what cascades. `ticketing_server.projects.changes`
# asks for what is noted here.
CHANGES = """
CREATE INDEX project_change_project ON project_change (project, txid);

CREATE FUNCTION project_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO project_change (project, txid)
        SELECT DISTINCT project, pg_current_xact_id()::text::bigint FROM changed;
    RETURN NULL;
END $$;

CREATE FUNCTION company_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO project_change (project, txid)
        SELECT DISTINCT cp.project, pg_current_xact_id()::text::bigint
        FROM changed JOIN company_project cp ON cp.company = changed.id;
    RETURN NULL;
END $$;
CREATE TRIGGER company_changes_projects AFTER UPDATE ON company
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION company_changed();

-- Signing in changes an account too, but nothing that a project shows of it.
CREATE FUNCTION member_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO project_change (project, txid)
        SELECT DISTINCT r.project, pg_current_xact_id()::text::bigint
        FROM changed
        JOIN before ON before.id = changed.id
            AND (before.username, before.first_name, before.last_name, before.active)
                <> (changed.username, changed.first_name, changed.last_name, changed.active)
        JOIN user_role r ON r.account = changed.id;
    RETURN NULL;
END $$;
CREATE TRIGGER account_changes_projects AFTER UPDATE ON account
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION member_changed();
"""

NOTED = ("ticket", "ticket_assignee", "company_project", "board_column", "user_role")

NOTES = """
CREATE TRIGGER {table}_inserted_in_project AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION project_changed();
CREATE TRIGGER {table}_updated_in_project AFTER UPDATE ON {table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION project_changed();
CREATE TRIGGER {table}_deleted_in_project AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION project_changed();
"""

# Dashboards look at open tickets, few of many, and at the last change of a company's.
INDEXES = """
CREATE INDEX ticket_open ON ticket (project, company)
    INCLUDE (id, number, priority_id, urgency, due_date, resolved_at) WHERE resolved_at IS NULL;
CREATE INDEX ticket_resolved ON ticket (project, resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX ticket_company_changed ON ticket (company, project, updated_at);
DROP INDEX ticket_company;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute(CHANGES)
    for table in NOTED:
        await connection.execute(NOTES.format(table=table))
    await connection.execute(INDEXES)
