"""What is in the database, and whether the media directory agrees."""

from ticketing_server.app import storage_of
from ticketing_server.core.db import Sql, scalar, scalars
from ticketing_server.settings import Settings

from .finding import Finding

SUPERUSERS = "SELECT count(*) FROM account WHERE superuser AND active"
OVERDUE = """
SELECT (SELECT count(*) FROM throttle WHERE ends_at < now() - interval '1 hour')
    + (SELECT count(*) FROM ended_session WHERE expires_at < now() - interval '1 hour')
    + (SELECT count(*) FROM unclaimed_file WHERE due_at < now() - interval '1 hour')
"""
# The newest, the oldest: however many there are, this stays quick.
SAMPLE = """
(SELECT path FROM attachment ORDER BY id DESC LIMIT 100)
UNION (SELECT path FROM attachment ORDER BY id LIMIT 100)
UNION (SELECT logo FROM company WHERE logo IS NOT NULL ORDER BY id DESC LIMIT 100)
"""


async def superusers(_: Settings) -> Finding | None:
    if not await scalar(Sql(SUPERUSERS), int):
        advice = "Make one: `ticketing-server create-superuser`."
        return Finding.warning("superuser", "there is none", advice)


async def housekeeping(_: Settings) -> Finding:
    overdue = await scalar(Sql(OVERDUE), int)
    if overdue:
        found = f"{overdue} things have been waiting for more than an hour"
        advice = "`serve` does it every ten minutes; if one runs, look for its reasons in its log."
        return Finding.warning("housekeeping", found, advice)
    return Finding("housekeeping", "nothing is waiting")


async def files(settings: Settings) -> Finding:
    storage, paths = storage_of(settings), await scalars(Sql(SAMPLE), str)
    missing: list[str] = []
    for path in paths:
        try:
            await storage.read(path, 0, 1)
        except FileNotFoundError:
            missing.append(path)
        except OSError as error:
            advice = "Look at what is said of the media directory or bucket."
            return Finding.warning("files", f"cannot be read: {error}", advice)
    if missing:
        found = f"{len(missing)} of {len(paths)} looked at are missing, such as {missing[0]}"
        return Finding.warning("files", found, "Put them back from a backup: media/ in its zip.")
    return Finding("files", f"{len(paths)} looked at, all there")
