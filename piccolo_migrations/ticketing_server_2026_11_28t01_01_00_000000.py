"""Count what is pressing and who is assigned, as steps that nobody waits for."""

from typing import NamedTuple, cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T01:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Count what is pressing and who is assigned, as steps that nobody waits for."

# Of what is resolved only today's is asked for; the margin is for clocks that differ.
IS_COUNTED = "({0}open_in IS NOT NULL OR {0}resolved_on >= current_date - 2)"


class Kind(NamedTuple):
    """What is counted of a table's rows, by what, and of which; `{0}` stands before a column."""

    name: str
    table: str
    key: list[str]
    counts: dict[str, str]
    is_counted: str


PRESSING = Kind(
    name="pressing",
    table="pressing_ticket",
    key=["project", "company", "due_date"],
    counts={
        "tickets": "1",
        "urgent": "{0}is_urgent::int",
        "critical": "{0}is_critical::int",
        "urgent_unassigned": "{0}is_urgent_unassigned::int",
    },
    is_counted="{0}company IS NOT NULL",
)
ASSIGNED = Kind(
    name="assigned",
    table="ticket_assignee",
    key=["project", "account", "open_in", "resolved_on"],
    counts={"tickets": "1"},
    is_counted=IS_COUNTED,
)

FILL = """
INSERT INTO {name}_count ({columns}) SELECT {key}, {sums} FROM {table}
WHERE {is_counted} GROUP BY {key};
"""
# A step for each row and each change of it: minus what it was, plus what it is. A project that is
# being deleted takes its counts along.
STEPS = """
CREATE FUNCTION {name}_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND {was_counted} AND {is_counted_now} THEN
        INSERT INTO {name}_count ({columns}) VALUES ({before}), ({now});
    ELSIF TG_OP <> 'INSERT' AND {was_counted} THEN
        INSERT INTO {name}_count ({columns}) SELECT {before} FROM project WHERE id = OLD.project;
    ELSIF TG_OP <> 'DELETE' AND {is_counted_now} THEN
        INSERT INTO {name}_count ({columns}) VALUES ({now});
    END IF;
    IF random() < 1.0 / 256 THEN
        PERFORM fold_{name}_counts(coalesce(NEW.project, OLD.project));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_counted AFTER INSERT OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {name}_counted();
CREATE TRIGGER {table}_counted_again AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION {name}_counted();
"""

# One change in 256 folds the steps of its project, as those of `ticket_count` are folded. What is
# long overdue stays so, whatever the day: it is folded into one day of a month ago.
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
            GROUP BY account, open_in, resolved_on HAVING count(*) > 1 OR NOT {IS_COUNTED.format("")}
        )) RETURNING *
    )
    INSERT INTO assigned_count (project, account, open_in, resolved_on, tickets)
    SELECT of_project, account, open_in, resolved_on, sum(tickets) FROM gone WHERE {IS_COUNTED.format("")}
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


def _written(kind: Kind, text: str) -> str:
    def row(prefix: str, sign: str = "") -> str:
        return ", ".join(
            [prefix + name for name in kind.key]
            + [f"{sign}({count.format(prefix)})" for count in kind.counts.values()]
        )

    return text.format(
        name=kind.name,
        table=kind.table,
        columns=", ".join([*kind.key, *kind.counts]),
        key=", ".join(kind.key),
        sums=", ".join(f"sum({count.format('')})" for count in kind.counts.values()),
        is_counted=kind.is_counted.format(""),
        was_counted=kind.is_counted.format("OLD."),
        is_counted_now=kind.is_counted.format("NEW."),
        before=row("OLD.", "-"),
        now=row("NEW."),
    )


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
    for kind in (PRESSING, ASSIGNED):
        await connection.execute(_written(kind, FILL + STEPS))
    await connection.execute(FOLDING)
    await connection.execute("SELECT fold_pressing_counts(id) FROM project")
