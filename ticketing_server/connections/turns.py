"""In which order requests are read and begin: a few in each round of the event loop.

A thousand that come together would otherwise all begin in one round, and for that second nobody
would be heard, nor any answer sent. Who waits here has cost next to nothing, and is refused for
next to nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from ticketing_server.core.db.turnstile import BEGIN_SECONDS

# A probe is answered in five rounds, so none of them may take long. A request takes up to a
# millisecond to its first statement, a refusal a quarter of that, and to read a head a sixteenth.
BEGUN_AT_ONCE = 4
REFUSED_AT_ONCE = 8
READ_AT_ONCE = 32
# Until the crowd is looked at again, while it lets nobody begin.
PAUSE_SECONDS = 0.005

Begin = Callable[[float], None]


class Turns:
    """Of one process, to read or to begin. `begin` is told how many seconds it was kept waiting.

    After `BEGIN_SECONDS` it is called whatever the crowd, for the request to be refused.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        at_once: int,
        is_crowded: Callable[[], bool] = lambda: False,
    ) -> None:
        self._loop = loop
        self._at_once = at_once
        self._is_crowded = is_crowded
        self._begun = 0
        self._waiting: deque[tuple[float, Begin]] = deque()
        self._next: asyncio.Handle | None = None

    def take(self, begin: Begin) -> bool:
        """Whether it has begun."""
        if not self._next:
            self._next = self._loop.call_soon(self._next_round)
        if self._waiting or not self._has_room():
            self._waiting.append((self._loop.time(), begin))
            return False
        self._begun += 1
        begin(0.0)
        return True

    def _next_round(self) -> None:
        self._begun, self._next = 0, None
        late = self._begin_late()
        while self._waiting and self._has_room():
            self._begun += 1
            self._begin_first()
        if self._begun or late:
            self._next = self._loop.call_soon(self._next_round)
        elif self._waiting:
            self._next = self._loop.call_later(PAUSE_SECONDS, self._next_round)

    def _has_room(self) -> bool:
        return self._begun < self._at_once and not self._is_crowded()

    def _begin_late(self) -> int:
        """How many they were."""
        latest = self._loop.time() - BEGIN_SECONDS
        for number in range(REFUSED_AT_ONCE):
            if not self._waiting or self._waiting[0][0] > latest:
                return number
            self._begin_first()
        return REFUSED_AT_ONCE

    def _begin_first(self) -> None:
        since, begin = self._waiting.popleft()
        begin(self._loop.time() - since)
