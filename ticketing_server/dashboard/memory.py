"""Answers that are the same for everybody who may see them, until the project changes.

Each process has its own. An answer is never given on its age alone: whoever asks has the database
say first that nothing was committed in the project since it was read (`projects.changes`).
"""

import datetime as dt
import time

import msgspec

from ticketing_server.core.clock import today

# Time changes answers, too: a day ends, a company falls silent.
SECONDS = 60
MOST = 1000


class Kept(msgspec.Struct, frozen=True):
    """`snapshot` is not younger than the answer."""

    snapshot: str
    answer: msgspec.Raw
    day: dt.date
    until: float


class Memory:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], Kept] = {}

    def find(self, slug: str, project: int) -> Kept | None:
        kept = self._kept.get((slug, project))
        is_fresh = kept and kept.day == today() and time.monotonic() < kept.until
        return kept if is_fresh else None

    def keep(self, slug: str, project: int, snapshot: str, answer: msgspec.Raw) -> None:
        """The one that was kept first makes room."""
        self._kept.pop((slug, project), None)
        while len(self._kept) >= MOST:
            del self._kept[next(iter(self._kept))]
        until = time.monotonic() + SECONDS
        self._kept[slug, project] = Kept(snapshot, answer, today(), until)
