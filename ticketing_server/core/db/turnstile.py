"""Who may use a database connection: in order of arrival, and after a bounded time not at all."""

import asyncio
import contextlib
import contextvars
from collections import deque

from ticketing_server.core.telemetry.metrics import POOL_WAITS

# For its turn and for connections, all of a request's waits together. What may come after it, the
# two seconds for a lock or for the database to take a connection (`engine`), makes it five.
PATIENCE_SECONDS = 3.0
# A request that has waited so long for its turn is not begun any more: with less patience left it
# would mostly be work for nothing.
BEGIN_SECONDS = 2.5
# Who has no patience left is still let through if it is their turn almost at once.
LEAST_SECONDS = 0.05


class Patience:
    """How long a request may still wait, all of its statements together."""

    __slots__ = ("seconds",)

    def __init__(self, waited: float = 0.0) -> None:
        self.seconds = PATIENCE_SECONDS - waited


# Whatever is no request, such as housekeeping, waits anew each time.
PATIENCE: contextvars.ContextVar[Patience | None] = contextvars.ContextVar("patience", default=None)

Turn = asyncio.Future[None]


class OutOfPatience(TimeoutError):
    """No connection has become free in time."""


class Turnstile:
    """Lets so many in at a time; whoever has entered leaves."""

    def __init__(self, size: int) -> None:
        self._size = self._free = size
        self._waiting: deque[Turn] = deque()

    @property
    def is_crowded(self) -> bool:
        """As many are waiting as may be in: more would only wait longer."""
        return len(self._waiting) >= self._size

    async def enter(self) -> None:
        """Raises OutOfPatience."""
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
        try:
            async with asyncio.timeout(max(patience.seconds, LEAST_SECONDS)):
                await turn
        except TimeoutError:
            self._give_up(turn)
            raise OutOfPatience from None
        except BaseException:
            self._give_up(turn)
            raise
        finally:
            patience.seconds -= loop.time() - began

    def _give_up(self, turn: Turn) -> None:
        """Whose turn it has become at that very moment passes it on."""
        if turn.done() and not turn.cancelled():
            self.leave()
        with contextlib.suppress(ValueError):
            self._waiting.remove(turn)
