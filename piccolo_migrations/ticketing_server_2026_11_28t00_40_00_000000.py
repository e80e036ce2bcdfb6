"""Keep the counts of tickets by place and by kind, and note changes of tags and followers."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T00:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Keep the counts of tickets by place and by kind."

# A statement at a time, so that moving a whole column adds two steps for each company in it. One
# transaction in 64 folds. It adds up just what it takes away, so two at once would do no harm; the
# lock is there so that neither waits for the other.
COUNTS = """
CREATE FUNCTION fold_ticket_counts(of_project bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('ticket_count', of_project)) THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM ticket_count WHERE id IN (
            SELECT unnest(array_agg(id)) FROM ticket_count WHERE project = of_project
            GROUP BY "column", company HAVING count(*) > 1
        ) RETURNING "column", company, tickets
    )
    INSERT INTO ticket_count (project, "column", company, tickets)
    SELECT of_project, "column", company, sum(tickets) FROM gone
    GROUP BY 1, 2, 3 HAVING sum(tickets) <> 0;
    WITH gone AS (
        DELETE FROM ticket_kind_count WHERE id IN (
            SELECT unnest(array_agg(id)) FROM ticket_kind_count WHERE project = of_project
            GROUP BY "column", type, priority_id HAVING count(*) > 1
        ) RETURNING "column", type, priority_id, tickets
    )
    INSERT INTO ticket_kind_count (project, "column", type, priority_id, tickets)
    SELECT of_project, "column", type, priority_id, sum(tickets) FROM gone
    GROUP BY 1, 2, 3, 4 HAVING sum(tickets) <> 0;
END $$;

CREATE FUNCTION tickets_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_project bigint;
    was record;
    became record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ticket_count (project, "column", company, tickets)
            SELECT project, "column", company, count(*) FROM now_there GROUP BY 1, 2, 3;
        INSERT INTO ticket_kind_count (project, "column", type, priority_id, tickets)
            SELECT project, "column", type, priority_id, count(*) FROM now_there GROUP BY 1, 2, 3, 4;
        SELECT project INTO of_project FROM now_there LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        -- A project that is being deleted takes its counts along.
        INSERT INTO ticket_count (project, "column", company, tickets)
            SELECT t.project, t."column", t.company, -count(*)
            FROM there_before t JOIN project p ON p.id = t.project GROUP BY 1, 2, 3;
        INSERT INTO ticket_kind_count (project, "column", type, priority_id, tickets)
            SELECT t.project, t."column", t.type, t.priority_id, -count(*)
            FROM there_before t JOIN project p ON p.id = t.project GROUP BY 1, 2, 3, 4;
        SELECT project INTO of_project FROM there_before LIMIT 1;
    ELSIF (SELECT count(*) FROM now_there) = 1 THEN
        -- A ticket is mostly changed alone, and then need not be grouped: half the time.
        SELECT project, "column", company, type, priority_id INTO was FROM there_before;
        SELECT project, "column", company, type, priority_id INTO became FROM now_there;
        IF (was."column", was.company) IS DISTINCT FROM (became."column", became.company) THEN
            INSERT INTO ticket_count (project, "column", company, tickets) VALUES
                (was.project, was."column", was.company, -1),
                (became.project, became."column", became.company, 1);
        END IF;
        IF (was."column", was.type, was.priority_id)
                <> (became."column", became.type, became.priority_id) THEN
            INSERT INTO ticket_kind_count (project, "column", type, priority_id, tickets) VALUES
                (was.project, was."column", was.type, was.priority_id, -1),
                (became.project, became."column", became.type, became.priority_id, 1);
        END IF;
        of_project := became.project;
    ELSE
        INSERT INTO ticket_count (project, "column", company, tickets)
            SELECT project, "column", company, sum(step) FROM (
                SELECT project, "column", company, -1 AS step FROM there_before
                UNION ALL SELECT project, "column", company, 1 FROM now_there
            ) steps GROUP BY 1, 2, 3 HAVING sum(step) <> 0;
        INSERT INTO ticket_kind_count (project, "column", type, priority_id, tickets)
            SELECT project, "column", type, priority_id, sum(step) FROM (
                SELECT project, "column", type, priority_id, -1 AS step FROM there_before
                UNION ALL SELECT project, "column", type, priority_id, 1 FROM now_there
            ) steps GROUP BY 1, 2, 3, 4 HAVING sum(step) <> 0;
        SELECT project INTO of_project FROM now_there LIMIT 1;
    END IF;
    IF of_project IS NOT NULL AND pg_current_xact_id()::text::bigint % 64 = 0 THEN
        PERFORM fold_ticket_counts(of_project);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_inserted_counts AFTER INSERT ON ticket
    REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION tickets_counted();
CREATE TRIGGER ticket_updated_counts AFTER UPDATE ON ticket
    REFERENCING OLD TABLE AS there_before NEW TABLE AS now_there
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_counted();
CREATE TRIGGER ticket_deleted_counts AFTER DELETE ON ticket
    REFERENCING OLD TABLE AS there_before FOR EACH STATEMENT EXECUTE FUNCTION tickets_counted();

CREATE FUNCTION ticket_counts_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM ticket_count WHERE project = OLD.id;
    DELETE FROM ticket_kind_count WHERE project = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER project_takes_ticket_counts AFTER DELETE ON project
    FOR EACH ROW EXECUTE FUNCTION ticket_counts_gone();

CREATE INDEX ticket_count_place ON ticket_count (project, "column", company) INCLUDE (tickets);
CREATE INDEX ticket_count_company ON ticket_count (company, project) INCLUDE ("column", tickets)
    WHERE company IS NOT NULL;
CREATE INDEX ticket_kind_count_place ON ticket_kind_count (project, "column", type, priority_id)
    INCLUDE (tickets);
-- Small and busy: what was folded away is cleared after so many rows, however many there are.
ALTER TABLE ticket_count
    SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE ticket_kind_count
    SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
"""
FILL = """
INSERT INTO ticket_count (project, "column", company, tickets)
    SELECT project, "column", company, count(*) FROM ticket GROUP BY 1, 2, 3;
INSERT INTO ticket_kind_count (project, "column", type, priority_id, tickets)
    SELECT project, "column", type, priority_id, count(*) FROM ticket GROUP BY 1, 2, 3, 4;
"""

NOTED = ("ticket_tag", "ticket_follower")
NOTES = """
CREATE TRIGGER {table}_inserted_in_project AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION project_changed();
CREATE TRIGGER {table}_deleted_in_project AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION project_changed();
"""
CHANGES = "CREATE INDEX project_change_txid ON project_change (txid)"


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    # No ticket comes or goes between the count and its triggers.
    await connection.execute("LOCK TABLE ticket IN SHARE ROW EXCLUSIVE MODE")
    await connection.execute(COUNTS)
    await connection.execute(FILL)
    for table in NOTED:
        await connection.execute(NOTES.format(table=table))
    await connection.execute(CHANGES)
