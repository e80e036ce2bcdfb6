"""Keep the tickets that may need attention, and the counts of dashboards, beside the tickets."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Keep the tickets that may need attention, and the counts of dashboards."

IS_URGENT = "(priority_id >= 4 OR urgency IN ('high', 'critical'))"
IS_PRESSING = f"(resolved_at IS NULL AND (due_date IS NOT NULL OR {IS_URGENT}))"
COPIED = "id, project, company, reporter, number, priority_id, due_date"
COLUMNS = f"{COPIED}, is_urgent, is_critical, is_urgent_unassigned"
PRESSING = f"""
SELECT {COPIED}, {IS_URGENT}, priority_id = 5 OR urgency = 'critical',
    {IS_URGENT} AND (SELECT id FROM ticket_assignee x WHERE x.ticket = t.id LIMIT 1) IS NULL
FROM {{tickets}} t WHERE {IS_PRESSING}
"""
PLACED = """
open_in = CASE WHEN t.resolved_at IS NULL THEN t."column" END,
resolved_on = (t.resolved_at AT TIME ZONE 'UTC')::date
"""

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

# Whether somebody is assigned is decided by rows of two tables. Who changes a ticket waits for those
# who take an assignee away, who adds an assignee waits for the ticket, and both who add and who take
# away wait for one another at the row of `pressing_ticket`: so the last of them sees it all.
# The plans are made for arrays of a few, once: a plan made for many would read whole tables for one.
TICKETS = f"""
CREATE FUNCTION pressing_tickets_come() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM now_there WHERE {IS_PRESSING}) THEN
        INSERT INTO pressing_ticket ({COLUMNS}) {PRESSING.format(tickets="now_there")};
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_inserted_presses AFTER INSERT ON ticket
    REFERENCING NEW TABLE AS now_there
    FOR EACH STATEMENT EXECUTE FUNCTION pressing_tickets_come();

CREATE FUNCTION pressing_tickets_change() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    moved bigint[];
    pressing bigint[];
BEGIN
    SELECT ARRAY(
        SELECT id FROM (
            SELECT id, "column", resolved_at FROM there_before
            UNION ALL SELECT id, "column", resolved_at FROM now_there
        ) t GROUP BY id, "column", resolved_at HAVING count(*) = 1
    ), ARRAY(
        SELECT id FROM (
            SELECT {COPIED}, urgency FROM there_before WHERE {IS_PRESSING}
            UNION ALL SELECT {COPIED}, urgency FROM now_there WHERE {IS_PRESSING}
        ) t GROUP BY {COPIED}, urgency HAVING count(*) = 1
    ) INTO moved, pressing;
    IF cardinality(moved) > 0 THEN
        UPDATE ticket_assignee x SET {PLACED}
            FROM ticket t WHERE t.id = ANY (moved) AND x.ticket = t.id;
    END IF;
    IF cardinality(pressing) > 0 THEN
        PERFORM FROM ticket_assignee WHERE ticket = ANY (pressing) FOR KEY SHARE;
        DELETE FROM pressing_ticket p WHERE id = ANY (pressing)
            AND NOT EXISTS (SELECT FROM ticket WHERE id = p.id AND {IS_PRESSING});
        INSERT INTO pressing_ticket ({COLUMNS})
            {PRESSING.format(tickets="ticket")} AND id = ANY (pressing)
            ON CONFLICT (id) DO UPDATE SET company = excluded.company,
                reporter = excluded.reporter, number = excluded.number,
                priority_id = excluded.priority_id, due_date = excluded.due_date,
                is_urgent = excluded.is_urgent, is_critical = excluded.is_critical,
                is_urgent_unassigned = excluded.is_urgent_unassigned;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_updated_presses AFTER UPDATE ON ticket
    REFERENCING OLD TABLE AS there_before NEW TABLE AS now_there
    FOR EACH STATEMENT EXECUTE FUNCTION pressing_tickets_change();

CREATE FUNCTION pressing_tickets_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM there_before WHERE {IS_PRESSING}) THEN
        DELETE FROM pressing_ticket
            WHERE id = ANY (ARRAY(SELECT id FROM there_before WHERE {IS_PRESSING}));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_deleted_presses AFTER DELETE ON ticket
    REFERENCING OLD TABLE AS there_before
    FOR EACH STATEMENT EXECUTE FUNCTION pressing_tickets_go();
"""

# An assignment carries what is counted of it, so that what was counted is what is taken back. A new
# place of it alone is no news for the project: the ticket's is noted.
ASSIGNEES = """
CREATE FUNCTION assignee_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT CASE WHEN resolved_at IS NULL THEN "column" END,
        (resolved_at AT TIME ZONE 'UTC')::date
        INTO NEW.open_in, NEW.resolved_on FROM ticket WHERE id = NEW.ticket FOR NO KEY UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER ticket_assignee_placed BEFORE INSERT OR UPDATE OF ticket ON ticket_assignee
    FOR EACH ROW EXECUTE FUNCTION assignee_placed();

CREATE FUNCTION press_unassigned(tickets bigint[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM FROM pressing_ticket WHERE id = ANY (tickets) AND is_urgent FOR UPDATE;
    IF FOUND THEN
        UPDATE pressing_ticket p SET is_urgent_unassigned = NOT is_urgent_unassigned
            WHERE id = ANY (tickets) AND is_urgent AND is_urgent_unassigned =
                ((SELECT id FROM ticket_assignee x WHERE x.ticket = p.id LIMIT 1) IS NOT NULL);
    END IF;
END $$;
CREATE FUNCTION assignees_press() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        PERFORM press_unassigned(ARRAY(SELECT ticket FROM changed));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_assignee_inserted_presses AFTER INSERT ON ticket_assignee
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION assignees_press();
CREATE TRIGGER ticket_assignee_deleted_presses AFTER DELETE ON ticket_assignee
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION assignees_press();

CREATE FUNCTION assignee_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM press_unassigned(ARRAY[OLD.ticket, NEW.ticket]);
    INSERT INTO project_change (project, txid)
        VALUES (NEW.project, pg_current_xact_id()::text::bigint);
    RETURN NULL;
END $$;
DROP TRIGGER ticket_assignee_updated_in_project ON ticket_assignee;
CREATE TRIGGER ticket_assignee_rewritten AFTER UPDATE OF project, ticket, account
    ON ticket_assignee FOR EACH ROW EXECUTE FUNCTION assignee_rewritten();
"""

FILL = f"""
INSERT INTO pressing_ticket ({COLUMNS}) {PRESSING.format(tickets="ticket")};
UPDATE ticket_assignee x SET {PLACED} FROM ticket t
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
