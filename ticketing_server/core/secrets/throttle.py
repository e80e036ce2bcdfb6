"""Counts attempts in the database: guesses in parallel, or against several processes, add up."""

import hashlib
from collections.abc import Sequence

from ticketing_server.core.db import Sql, scalars
from ticketing_server.core.errors import Throttled

# Counted before the attempt is looked at, in a transaction of its own, so nothing takes it back.
HIT = """
INSERT INTO throttle AS t (key, hits, ends_at)
SELECT key, 1, now() + make_interval(secs => {}) FROM unnest({}::text[]) AS key ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN t.ends_at <= now() THEN 1 ELSE t.hits + 1 END,
    ends_at = CASE WHEN t.ends_at <= now() THEN excluded.ends_at ELSE t.ends_at END
RETURNING CASE WHEN hits > {} THEN ceil(extract(epoch FROM ends_at - now()))::int ELSE 0 END
"""


class Throttle:
    """At most `hits` in `seconds` for each key."""

    def __init__(self, hits: int, seconds: int) -> None:
        self._hits = hits
        self._seconds = seconds

    async def hit(self, keys: Sequence[str]) -> None:
        """Raises Throttled once any of the keys has had its share, with the seconds to wait."""
        hashed = sorted({_hashed(key) for key in keys})
        waits = await scalars(Sql(HIT, float(self._seconds), hashed, self._hits), int)
        if wait := max(waits):
            raise Throttled(wait, f"Request was throttled. Expected available in {wait} seconds.")


class NoThrottle(Throttle):
    """For load tests."""

    def __init__(self) -> None:
        super().__init__(0, 0)

    async def hit(self, keys: Sequence[str]) -> None:
        return


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
