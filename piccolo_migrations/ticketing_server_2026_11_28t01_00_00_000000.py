"""Keep the tickets that may need attention, and the counts of dashboards, beside the tickets."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Keep the tickets that may need attention, and the counts of dashboards."

IS_URGENT = "({0}priority_id >= 4 OR {0}urgency IN ('high', 'critical'))"
IS_CRITICAL = "({0}priority_id = 5 OR {0}urgency = 'critical')"
IS_PRESSING = f"({{0}}resolved_at IS NULL AND ({{0}}due_date IS NOT NULL OR {IS_URGENT}))"
COPIED = "id, project, company, reporter, number, priority_id, due_date"
COLUMNS = f"{COPIED}, is_urgent, is_critical, is_urgent_unassigned"
PRESSING = f"""
SELECT {COPIED}, {IS_URGENT}, {IS_CRITICAL},
    {IS_URGENT} AND NOT EXISTS (SELECT FROM ticket_assignee x WHERE x.ticket = t.id)
FROM ticket t WHERE {IS_PRESSING}
""".format("t.")


def _row(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in f"{COPIED}, urgency".split(", "))


# Where a ticket's assignments stand.
OPEN_IN = 'CASE WHEN {0}resolved_at IS NULL THEN {0}"column" END'
RESOLVED_ON = "({0}resolved_at AT TIME ZONE 'UTC')::date"

# Each is in the order of what reads it (`dashboard.builtin.attention_needed`, `companies.tallies`).
# Counting open tickets needs no index any more; finding them does, for plugins.
INDEXES = """
CREATE INDEX pressing_ticket_due ON pressing_ticket
    (project, is_critical, due_date, priority_id DESC, id DESC) WHERE due_date IS NOT NULL;
CREATE INDEX pressing_ticket_critical ON pressing_ticket (project, priority_id DESC, id DESC)
    INCLUDE (due_date) WHERE is_critical;
CREATE INDEX pressing_ticket_unassigned ON pressing_ticket (project, priority_id DESC, id DESC)
    INCLUDE (due_date) WHERE is_urgent_unassigned AND NOT is_critical;
CREATE INDEX pressing_ticket_company ON pressing_ticket (project, company, id)
    INCLUDE (number, priority_id, due_date, is_critical, is_urgent_unassigned);
CREATE INDEX pressing_ticket_reporter ON pressing_ticket (reporter);
CREATE INDEX pressing_count_company ON pressing_count (project, company)
    INCLUDE (due_date, tickets, urgent, critical, urgent_unassigned);
CREATE INDEX assigned_count_account ON assigned_count (project, account)
    INCLUDE (open_in, resolved_on, tickets);
DROP INDEX ticket_open, ticket_resolved;
CREATE INDEX ticket_open ON ticket (project, updated_at) WHERE resolved_at IS NULL;
CREATE INDEX ticket_company_resolved ON ticket (company, project, resolved_at)
    WHERE resolved_at IS NOT NULL;
-- Small and busy, as `ticket_count` is.
ALTER TABLE pressing_count
    SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE assigned_count
    SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- Room for where a ticket stands to change without touching an index.
ALTER TABLE ticket_assignee SET (fillfactor = 85);
"""

# A row at a time, and named columns: what is not asked for costs nothing, a long WHEN is read anew
# for each statement, and a plan for all rows of a large change is no plan for one.
TICKETS = f"""
CREATE FUNCTION ticket_presses() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was boolean := TG_OP <> 'INSERT' AND {IS_PRESSING.format("OLD.")};
    is_now boolean := TG_OP <> 'DELETE' AND {IS_PRESSING.format("NEW.")};
BEGIN
    IF was AND NOT is_now THEN
        DELETE FROM pressing_ticket WHERE id = OLD.id;
    END IF;
    IF NOT is_now OR (was AND ({_row("OLD")}) IS NOT DISTINCT FROM ({_row("NEW")})) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        PERFORM FROM ticket_assignee WHERE ticket = NEW.id FOR KEY SHARE;
    END IF;
    INSERT INTO pressing_ticket ({COLUMNS}) {PRESSING} AND t.id = NEW.id
        ON CONFLICT (id) DO UPDATE SET project = excluded.project, company = excluded.company,
            reporter = excluded.reporter, number = excluded.number,
            priority_id = excluded.priority_id, due_date = excluded.due_date,
            is_urgent = excluded.is_urgent, is_critical = excluded.is_critical,
            is_urgent_unassigned = excluded.is_urgent_unassigned;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_inserted_presses AFTER INSERT ON ticket
    FOR EACH ROW WHEN {IS_PRESSING.format("NEW.")} EXECUTE FUNCTION ticket_presses();
CREATE TRIGGER ticket_updated_presses
    AFTER UPDATE OF project, company, reporter, number, priority_id, urgency, due_date, resolved_at
    ON ticket FOR EACH ROW WHEN (OLD.resolved_at IS NULL OR NEW.resolved_at IS NULL)
    EXECUTE FUNCTION ticket_presses();
CREATE TRIGGER ticket_deleted_presses AFTER DELETE ON ticket
    FOR EACH ROW WHEN {IS_PRESSING.format("OLD.")} EXECUTE FUNCTION ticket_presses();

CREATE FUNCTION ticket_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ticket_assignee SET open_in = {OPEN_IN.format("NEW.")},
        resolved_on = {RESOLVED_ON.format("NEW.")} WHERE ticket = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_moves AFTER UPDATE OF "column", resolved_at ON ticket FOR EACH ROW WHEN (
    OLD."column" <> NEW."column" OR OLD.resolved_at IS DISTINCT FROM NEW.resolved_at
) EXECUTE FUNCTION ticket_moves();
"""

# Whether somebody is assigned is decided by rows of two tables. Who changes a ticket waits for those
# who take an assignee away, who adds an assignee waits for the ticket, and both who add and who take
# away wait for one another at the row of `pressing_ticket`: so the last of them sees it all.
# An assignment carries what is counted of it, so that what was counted is what is taken back. A new
# place of it alone is no news for the project: the ticket's is noted.
ASSIGNEES = f"""
CREATE FUNCTION assignee_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT {OPEN_IN.format("")}, {RESOLVED_ON.format("")} INTO NEW.open_in, NEW.resolved_on
        FROM ticket WHERE id = NEW.ticket FOR NO KEY UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER ticket_assignee_placed BEFORE INSERT OR UPDATE OF ticket ON ticket_assignee
    FOR EACH ROW EXECUTE FUNCTION assignee_placed();

CREATE FUNCTION press_unassigned(of_ticket bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM pressing_ticket WHERE id = of_ticket AND is_urgent FOR UPDATE;
    IF FOUND THEN
        UPDATE pressing_ticket SET is_urgent_unassigned = NOT is_urgent_unassigned
            WHERE id = of_ticket AND is_urgent_unassigned
                = EXISTS (SELECT FROM ticket_assignee WHERE ticket = of_ticket);
    END IF;
END $$;
CREATE FUNCTION assignee_presses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM press_unassigned(OLD.ticket);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM press_unassigned(NEW.ticket);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO project_change (project, txid)
            VALUES (NEW.project, pg_current_xact_id()::text::bigint);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER ticket_assignee_updated_in_project ON ticket_assignee;
CREATE TRIGGER ticket_assignee_presses
    AFTER INSERT OR DELETE OR UPDATE OF project, ticket, account ON ticket_assignee
    FOR EACH ROW EXECUTE FUNCTION assignee_presses();
"""

FILL = f"""
INSERT INTO pressing_ticket ({COLUMNS}) {PRESSING};
UPDATE ticket_assignee x SET open_in = {OPEN_IN.format("t.")},
    resolved_on = {RESOLVED_ON.format("t.")} FROM ticket t
    WHERE t.id = x.ticket AND (t.resolved_at IS NULL OR t.resolved_at > now() - interval '3 days');
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    # No ticket comes or goes between what is written down first and the triggers.
    await connection.execute("LOCK TABLE ticket, ticket_assignee IN SHARE ROW EXCLUSIVE MODE")
    for statements in (FILL, INDEXES, TICKETS, ASSIGNEES):
        await connection.execute(statements)
