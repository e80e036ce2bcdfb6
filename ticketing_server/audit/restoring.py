"""Tells in the log that all before came out of a backup."""

import datetime as dt

from ticketing_server.core.db import Sql, atomic, execute

# Whoever may restore owns the tables, and has put their triggers aside to load them. The log is
# counted meanwhile as ever: of two triggers on it only the one goes that refuses us.
LET_IN = "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_added"
SHUT_OUT = "ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_added"
TELL = """
WITH told AS (SELECT nextval(pg_get_serial_sequence('audit_entry', 'id')) AS id)
INSERT INTO audit_entry (id, created_at, source, action, resource, resource_id, fields, new_value)
SELECT id, clock_timestamp(), 'restore', 'created', 'audit_entry', id, '{{file,made_at,made_by}}',
    jsonb_build_object('file', {}::text, 'made_at', audit_moment({}), 'made_by', {}::text)
FROM told
"""


@atomic
async def tell_restored(file: str, made_at: dt.datetime, made_by: str) -> None:
    """`file` is the backup's name, without its place; `made_by` the version that made it."""
    await execute(Sql(LET_IN))
    await execute(Sql(TELL, file, made_at, made_by))
    await execute(Sql(SHUT_OUT))
