"""Sweeps away what has had its time, so that nothing grows with use alone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ticketing_server.core.db import Sql, execute
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.unclaimed import remove_due
from ticketing_server.jobs.counting import Job

logger = logging.getLogger(__name__)

EVERY_SECONDS = 600

JOB = Job("housekeeping")

EXPIRED = [
    "DELETE FROM throttle WHERE ends_at < now()",
    "DELETE FROM ended_session WHERE expires_at < now()",
    "DELETE FROM admin_session WHERE expires_at < now()",
    "DELETE FROM idempotent_answer WHERE created_at < now() - interval '24 hours'",
    # Far longer than any answer is kept for which they are asked.
    "DELETE FROM project_change WHERE created_at < now() - interval '1 hour'",
    "DELETE FROM invitation WHERE expires_at < now() - interval '30 days'",
]

Duty = Callable[[], Awaitable[None]]


async def keep_house(storage: Storage, *duties: Duty) -> None:
    """Runs until cancelled; several servers doing it at once only share the work.

    `duties` are those of other rooms.
    """
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            with JOB.run():
                await sweep()
                await remove_due(storage)
                for duty in duties:
                    await duty()
        except Exception:
            logger.exception("housekeeping failed; trying again in %s s", EVERY_SECONDS)


async def sweep() -> None:
    for statement in EXPIRED:
        await execute(Sql(statement))
