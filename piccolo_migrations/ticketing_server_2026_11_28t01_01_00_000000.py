"""Count what is pressing and who is assigned, as steps that nobody waits for."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T01:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Count what is pressing and who is assigned, as steps that nobody waits for."

# One change in 64 folds the steps of its project, as those of `ticket_count` are folded.
FOLDS = "random() < 1.0 / 64"

PRESSING_STEPS = """
INSERT INTO pressing_count (
    project, company, due_date, tickets, urgent, critical, urgent_unassigned)
SELECT project, company, due_date, sum(step), sum(step * is_urgent::int),
    sum(step * is_critical::int), sum(step * is_urgent_unassigned::int)
FROM ({steps}) t WHERE company IS NOT NULL GROUP BY 1, 2, 3
HAVING (sum(step), sum(step * is_urgent::int), sum(step * is_critical::int),
    sum(step * is_urgent_unassigned::int)) <> (0, 0, 0, 0)
"""
# Of what is resolved only today's is asked for; the margin is for clocks that differ.
IS_COUNTED = "(open_in IS NOT NULL OR resolved_on >= current_date - 2)"
ASSIGNED_STEPS = f"""
INSERT INTO assigned_count (project, account, open_in, resolved_on, tickets)
SELECT project, account, open_in, resolved_on, sum(step) FROM ({{steps}}) t WHERE {IS_COUNTED}
GROUP BY 1, 2, 3, 4 HAVING sum(step) <> 0
"""

# A project that is being deleted takes its counts along.
COMING = "SELECT *, 1 AS step FROM now_there"
GOING = "SELECT b.*, -1 AS step FROM there_before b JOIN project p ON p.id = b.project"
CHANGING = "SELECT *, -1 AS step FROM there_before UNION ALL SELECT *, 1 FROM now_there"

COUNTED = """
CREATE FUNCTION {name}_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        {going};
    ELSIF NOT EXISTS (SELECT FROM now_there) THEN
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        {coming};
    ELSE
        {changing};
    END IF;
    IF FOUND AND {folds} THEN
        IF TG_OP = 'DELETE' THEN
            PERFORM fold_{name}_counts(project) FROM there_before GROUP BY project;
        ELSE
            PERFORM fold_{name}_counts(project) FROM now_there GROUP BY project;
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_inserted_counts AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION {name}_counted();
CREATE TRIGGER {table}_updated_counts AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS there_before NEW TABLE AS now_there
    FOR EACH STATEMENT EXECUTE FUNCTION {name}_counted();
CREATE TRIGGER {table}_deleted_counts AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS there_before FOR EACH STATEMENT EXECUTE FUNCTION {name}_counted();
"""

# What is long overdue stays so, whatever the day: it is folded into one day of a month ago.
LONG_AGO = "current_date - 30"
DUE = f"CASE WHEN due_date < {LONG_AGO} THEN {LONG_AGO} ELSE due_date END"
FOLDING = f"""
CREATE FUNCTION fold_pressing_counts(of_project bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('pressing_count', of_project)) THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM pressing_count WHERE id = ANY (ARRAY(
            SELECT unnest(array_agg(id)) FROM pressing_count WHERE project = of_project
            GROUP BY company, {DUE} HAVING count(*) > 1
        )) RETURNING *
    )
    INSERT INTO pressing_count (
        project, company, due_date, tickets, urgent, critical, urgent_unassigned)
    SELECT of_project, company, {DUE}, sum(tickets), sum(urgent), sum(critical),
        sum(urgent_unassigned)
    FROM gone GROUP BY 2, 3
    HAVING (sum(tickets), sum(urgent), sum(critical), sum(urgent_unassigned)) <> (0, 0, 0, 0);
END $$;

CREATE FUNCTION fold_assigned_counts(of_project bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('assigned_count', of_project)) THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM assigned_count WHERE id = ANY (ARRAY(
            SELECT unnest(array_agg(id)) FROM assigned_count WHERE project = of_project
            GROUP BY account, open_in, resolved_on HAVING count(*) > 1 OR NOT {IS_COUNTED}
        )) RETURNING *
    )
    INSERT INTO assigned_count (project, account, open_in, resolved_on, tickets)
    SELECT of_project, account, open_in, resolved_on, sum(tickets) FROM gone WHERE {IS_COUNTED}
    GROUP BY 2, 3, 4 HAVING sum(tickets) <> 0;
END $$;

CREATE FUNCTION dashboard_counts_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pressing_count WHERE project = OLD.id;
    DELETE FROM assigned_count WHERE project = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER project_takes_dashboard_counts AFTER DELETE ON project
    FOR EACH ROW EXECUTE FUNCTION dashboard_counts_gone();
"""


def _counted(name: str, table: str, insert: str) -> str:
    """The triggers that write the steps of a table's rows."""
    steps = {"coming": COMING, "going": GOING, "changing": CHANGING}
    inserts = {when: insert.format(steps=steps[when]).strip() for when in steps}
    return COUNTED.format(name=name, table=table, folds=FOLDS, **inserts)


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    # No row comes or goes between the count and its triggers.
    await connection.execute(
        "LOCK TABLE pressing_ticket, ticket_assignee IN SHARE ROW EXCLUSIVE MODE"
    )
    for steps, table in ((PRESSING_STEPS, "pressing_ticket"), (ASSIGNED_STEPS, "ticket_assignee")):
        await connection.execute(steps.format(steps=f"SELECT *, 1 AS step FROM {table}"))
    await connection.execute(FOLDING)
    await connection.execute("SELECT fold_pressing_counts(id) FROM project")
    await connection.execute(_counted("pressing", "pressing_ticket", PRESSING_STEPS))
    await connection.execute(_counted("assigned", "ticket_assignee", ASSIGNED_STEPS))
