"""Files that no row owns: announced before they are written, claimed with their row, else removed.

The list lies in the database, so a file is claimed in the very transaction that stores its row, and
a crash at any moment leaves either both or a line here that says what to remove. A store is never
compared with the database: pointing a server at a wrong one must not empty its store.
"""

import logging

from ticketing_server.core.db import Sql, atomic, execute, scalars
from ticketing_server.core.files import Storage

logger = logging.getLogger(__name__)

BATCH = 500

# Whoever holds this lock on the database finds every file in its place that a row names, or named
# when the lock was taken: what is due meanwhile waits for the next time.
FILES_LOCK = 1953063788
KEEP_FILES = f"SELECT pg_advisory_lock({FILES_LOCK})"
MAY_REMOVE = f"(SELECT pg_try_advisory_xact_lock_shared({FILES_LOCK}))"

# Nobody uploads for longer than a day.
ANNOUNCE = "INSERT INTO unclaimed_file (path, due_at) VALUES ({}, now() + interval '1 day')"
DUE = f"""
SELECT path FROM unclaimed_file WHERE due_at <= now() AND {MAY_REMOVE}
ORDER BY due_at LIMIT {{}} FOR UPDATE SKIP LOCKED
"""
NAMED = f"""
SELECT path FROM unclaimed_file WHERE path = {{}} AND {MAY_REMOVE} FOR UPDATE SKIP LOCKED
"""
FORGET = "DELETE FROM unclaimed_file WHERE path = ANY({}::text[])"


async def announce(path: str) -> None:
    """Before its first byte is written."""
    await execute(Sql(ANNOUNCE, path))


async def remove_if_unclaimed(storage: Storage, path: str) -> None:
    """Once the transaction that might have claimed the file, or let go of it, has ended."""
    await _remove(storage, Sql(NAMED, path))


async def remove_due(storage: Storage) -> None:
    """Everything that is due, a batch at a time; several servers share the work."""
    while await _remove(storage, Sql(DUE, BATCH)) == BATCH:
        pass


@atomic
async def _remove(storage: Storage, unclaimed: Sql) -> int:
    """The file goes first: what is forgotten must be gone. Locked: nobody claims it meanwhile."""
    paths = await scalars(unclaimed, str)
    if not paths:
        return 0
    try:
        await storage.remove(paths)
    except OSError:
        logger.exception("files could not be removed; they stay on the list")
        return 0
    await execute(Sql(FORGET, paths))
    return len(paths)
