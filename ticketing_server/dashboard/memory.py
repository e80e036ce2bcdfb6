"""Answers that are the same for everybody who may see them, until the project changes.

Each process has its own. An answer is never given on its age alone: whoever asks has the database
say first that nothing was committed in the project since it was read (`projects.changes`).
"""

import asyncio
import datetime as dt
import time
from weakref import WeakValueDictionary

import msgspec

from ticketing_server.core.clock import today

# Time changes answers, too: a day ends, a company falls silent.
SECONDS = 60
MOST = 1000

Key = tuple[str, int]


class Kept(msgspec.Struct, frozen=True):
    """`snapshot` is not younger than the answer, whose reading began at `began`."""

    snapshot: str
    answer: msgspec.Raw
    began: float
    day: dt.date


class Memory:
    """By the slug of a widget and the id of a project."""

    def __init__(self) -> None:
        self._kept: dict[Key, Kept] = {}
        self._turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    def find(self, key: Key) -> Kept | None:
        kept = self._kept.get(key)
        is_fresh = kept and kept.day == today() and time.monotonic() < kept.began + SECONDS
        return kept if is_fresh else None

    def find_read_since(self, key: Key, moment: float) -> Kept | None:
        """One that holds whatever the database had committed by that moment."""
        kept = self.find(key)
        return kept if kept and kept.began >= moment else None

    def keep(self, key: Key, kept: Kept) -> None:
        """The one that was kept first makes room."""
        self._kept.pop(key, None)
        while len(self._kept) >= MOST:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = kept

    def turn(self, key: Key) -> asyncio.Lock:
        """Held by the one who reads for all who wait."""
        return self._turns.setdefault(key, asyncio.Lock())
