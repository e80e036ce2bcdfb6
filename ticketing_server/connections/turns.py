"""In which order requests begin: a few in each round of the event loop, and probes at once.

A thousand that come together would otherwise all begin in one round, and for that second nobody
would be heard, nor any answer sent.
"""

import asyncio
from collections import deque
from collections.abc import Callable

# A request takes up to a millisecond to its first statement.
AT_ONCE = 8

Begin = Callable[[float], None]


class Turns:
    """Of one process. `begin` is told how many seconds it was kept waiting."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._begun = 0
        self._waiting: deque[tuple[float, Begin]] = deque()

    def take(self, begin: Begin) -> None:
        if self._waiting or self._begun == AT_ONCE:
            self._waiting.append((self._loop.time(), begin))
            return
        if not self._begun:
            self._loop.call_soon(self._next_round)
        self._begun += 1
        begin(0.0)

    def _next_round(self) -> None:
        self._begun = min(AT_ONCE, len(self._waiting))
        for since, begin in [self._waiting.popleft() for _ in range(self._begun)]:
            begin(self._loop.time() - since)
        if self._begun:
            self._loop.call_soon(self._next_round)
