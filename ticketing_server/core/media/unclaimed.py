"""Files that no row owns: announced before they are written, claimed with their row, else removed.

The list lies in the database, so a file is claimed in the very transaction that stores its row, and
a crash at any moment leaves either both or a line here that says what to remove. A store is never
compared with the database: pointing a server at a wrong one must not empty its store.
"""

import logging

from ticketing_server.core.db import Sql, atomic, execute, scalars
from ticketing_server.core.errors import Conflict
from ticketing_server.core.media.files import Storage

logger = logging.getLogger(__name__)

BATCH = 500

# Whoever holds this lock on the database finds every file in its place that a row names, or named
# when the lock was taken: what is due meanwhile waits for the next time.
FILES_LOCK = 1953063788
KEEP_FILES = f"SELECT pg_advisory_lock({FILES_LOCK})"
MAY_REMOVE = f"(SELECT pg_try_advisory_xact_lock_shared({FILES_LOCK}))"

# Nobody uploads for longer than a day.
ANNOUNCE = """
INSERT INTO unclaimed_file (path, due_at)
SELECT path, now() + interval '1 day' FROM unnest({}::text[]) AS announced(path)
"""
DUE = f"""
SELECT path FROM unclaimed_file WHERE due_at <= now() AND {MAY_REMOVE}
ORDER BY due_at LIMIT {{}} FOR UPDATE SKIP LOCKED
"""
NAMED = f"""
SELECT path FROM unclaimed_file WHERE path = ANY({{}}::text[]) AND {MAY_REMOVE}
FOR UPDATE SKIP LOCKED
"""
FORGET = "DELETE FROM unclaimed_file WHERE path = ANY({}::text[]) RETURNING path"


async def announce(*paths: str) -> None:
    """Before their first byte is written."""
    await execute(Sql(ANNOUNCE, list(paths)))


async def claim(*paths: str) -> None:
    """In the transaction that stores their row. Raises Conflict when that comes too late."""
    claimed = Sql(FORGET, list(paths))
    if await execute(claimed) < len(paths):
        raise Conflict("The upload took too long; send the file again.")


async def remove_if_unclaimed(storage: Storage, *paths: str) -> None:
    """Once the transaction that might have claimed the files, or let go of them, has ended."""
    if paths:
        await _remove(storage, Sql(NAMED, list(paths)))


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
