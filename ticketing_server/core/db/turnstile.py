"""Who may use a database connection: in order of arrival, and after a bounded time not at all.

The pool's own queue lets all who came together give up together: a thousand answers of 503 in one
round of the event loop, in which nobody else is heard.
"""

import asyncio
import contextvars
from collections import deque

from ticketing_server.core.telemetry.metrics import POOL_WAITS

PATIENCE_SECONDS = 5.0
# Who has waited that long already is still let through if it is their turn almost at once.
LEAST_SECONDS = 0.05
# So many give up in one round of the event loop: a few milliseconds of work.
AT_ONCE = 5


class Patience:
    """How long a request may still wait, all of its statements together."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds = PATIENCE_SECONDS


# Whatever is no request, such as housekeeping, waits anew each time.
PATIENCE: contextvars.ContextVar[Patience | None] = contextvars.ContextVar("patience", default=None)

Turn = asyncio.Future[None]


class Turnstile:
    """Lets so many in at a time; whoever has entered leaves."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._waiting: deque[Turn] = deque()
        self._overdue: deque[Turn] = deque()

    async def enter(self) -> None:
        """Raises TimeoutError."""
        if self._free:
            self._free -= 1
        else:
            with POOL_WAITS.one():
                await self._wait()

    def leave(self) -> None:
        """The next one in the queue takes the place."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                return turn.set_result(None)
        self._free += 1

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        patience = PATIENCE.get() or Patience()
        began, turn = loop.time(), loop.create_future()
        self._waiting.append(turn)
        seconds = max(patience.seconds, LEAST_SECONDS)
        timer = loop.call_later(seconds, self._lose_patience, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise
        finally:
            timer.cancel()
            patience.seconds -= loop.time() - began

    def _lose_patience(self, turn: Turn) -> None:
        self._overdue.append(turn)
        if len(self._overdue) == 1:
            self._soon()

    def _give_up(self) -> None:
        """A few; whose turn comes before theirs to give up is let in after all."""
        for turn in [self._overdue.popleft() for _ in range(min(AT_ONCE, len(self._overdue)))]:
            if not turn.done():
                turn.set_exception(TimeoutError("no database connection was free in time"))
        if self._overdue:
            self._soon()

    def _soon(self) -> None:
        asyncio.get_running_loop().call_soon(self._give_up)
