"""Removes what is older than the operator keeps it; the database says so in the log itself.

What may go at all, the database decides (`docs/decisions/0020-audit-log.md`).
"""

import logging

from ticketing_server.audit.acting import act_as_command
from ticketing_server.core.db import Sql, atomic, execute

logger = logging.getLogger(__name__)

BATCH, MOST_BATCHES = 5000, 20

# Any number will do, as long as nothing else on the same database locks it.
RETENTION_LOCK = 1953063789
# Days end at midnight (UTC), so that one entry a day tells what went. Those are no reason to remove
# anything: they go with the next that is, or else each would be the reason for another.
REMOVE = f"""
WITH kept AS (
    SELECT (date_trunc('day', now() AT TIME ZONE 'UTC') - {{}} * interval '1 day')
        AT TIME ZONE 'UTC' AS since
), due AS (
    SELECT id FROM audit_entry WHERE created_at < (SELECT since FROM kept)
        AND (SELECT pg_try_advisory_xact_lock({RETENTION_LOCK}))
        AND EXISTS (SELECT FROM audit_entry
            WHERE created_at < (SELECT since FROM kept) AND resource <> 'audit_entry')
    ORDER BY created_at, id LIMIT {{}}
)
DELETE FROM audit_entry WHERE id IN (SELECT id FROM due) RETURNING id
"""


async def remove_older_than(days: int) -> None:
    """A batch at a time, and no more than takes seconds: the rest is for the next time.

    Of several servers that do it at once, one does.
    """
    removed = 0
    for _ in range(MOST_BATCHES):
        gone = await _remove_batch(days)
        removed += gone
        if gone < BATCH:
            break
    if removed:
        logger.info("%s entries of the audit log were older than %s days", removed, days)


@atomic
async def _remove_batch(days: int) -> int:
    await act_as_command("housekeeping")
    return await execute(Sql(REMOVE, days, BATCH))
