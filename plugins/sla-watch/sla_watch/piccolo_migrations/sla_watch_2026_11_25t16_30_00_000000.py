"""Refuse targets that make no sense, and find open tickets without reading the resolved ones."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.plugins import Sql, execute

ID = "2026-11-25T16:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Refuse targets that make no sense, and find open tickets by an index"

STATEMENTS = [
    """
    ALTER TABLE sla_watch_target
        ADD CONSTRAINT sla_watch_target_key UNIQUE (project, priority_id),
        ADD CONSTRAINT sla_watch_target_priority_known CHECK (priority_id BETWEEN 1 AND 5),
        ADD CONSTRAINT sla_watch_target_positive
            CHECK (first_response_minutes > 0 AND resolution_minutes > 0),
        ADD CONSTRAINT sla_watch_target_in_order
            CHECK (first_response_minutes <= resolution_minutes)
    """,
    """
    CREATE INDEX sla_watch_open_ticket ON ticket (project, created_at)
        WHERE resolved_at IS NULL
    """,
]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sla_watch", description=DESCRIPTION)
    manager.add_raw(run)
    return manager


async def run() -> None:
    for statement in STATEMENTS:
        await execute(Sql(statement))
