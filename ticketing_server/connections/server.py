"""uvicorn's server, which lets in those who have connected: many at once, and all before it stops.

uvloop accepts one connection in each round of its event loop, so that of a thousand the last would
wait for a thousand rounds, in the kernel, where nobody counts how long. asyncio accepts all.
"""

import asyncio
import gc
import logging
import socket
from contextlib import suppress
from typing import Any

import uvicorn
from typing_extensions import override

# In a round, while more are there: to let one in takes a few tenths of a millisecond.
AT_ONCE = 32
# A worker that sleeps wakes in this time, on a machine that is busy too.
TURN_SECONDS = 0.002
# Of Python's collector: the middle one in steps of a fifth, which take a crowd two milliseconds
# instead of ten; the oldest as seldom as by default.
GENERATIONS = (700, 2, 50)
# Where there are no files left for connections, until some may have been closed.
PAUSE_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """Of sockets that are bound already."""

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        # What there is by now stays: to look through it for garbage takes a tenth of a second.
        gc.freeze()
        gc.set_threshold(*GENERATIONS)
        gc.enable()
        self._arriving: set[asyncio.Task[Any]] = set()
        self._at_once = 1
        for listener in sockets or []:
            listener.settimeout(0)
            listener.listen(self.config.backlog)
            self._watch(listener)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Those left to the kernel at the end would all be reset."""
        for listener in sockets or []:
            asyncio.get_running_loop().remove_reader(listener)
            with suppress(OSError):
                self._let_in(listener, self.config.backlog)
            # Without a pause in between, in which others could connect.
            listener.close()
        if self._arriving:
            await asyncio.wait(self._arriving)
        await super().shutdown(sockets)

    def _watch(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener, self._let_in_some, listener)

    def _let_in_some(self, listener: socket.socket) -> None:
        """Twice as many each time that it was not enough, and the other workers' turn in between.

        Those who come together and stay would else all be of the one that is awake first.
        """
        pause = TURN_SECONDS if self.config.workers > 1 else 0.0
        try:
            is_enough = not self._let_in(listener, self._at_once)
            self._at_once = 1 if is_enough else min(2 * self._at_once, AT_ONCE)
        except OSError as error:
            logger.error("nobody is let in for a second: %s", error)
            pause = PAUSE_SECONDS
        if pause:
            loop = asyncio.get_running_loop()
            loop.remove_reader(listener)
            loop.call_later(pause, self._watch, listener)

    def _let_in(self, listener: socket.socket, at_most: int) -> bool:
        """Whether as many were there. Raises OSError where there are no files left."""
        loop = asyncio.get_running_loop()
        try:
            for _ in range(at_most):
                connection, _ = listener.accept()
                arriving = loop.create_task(
                    loop.connect_accepted_socket(self._protocol, connection)
                )
                self._arriving.add(arriving)
                arriving.add_done_callback(self._arriving.discard)
        except (BlockingIOError, ConnectionAbortedError):
            return False
        return True

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        return make(
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=asyncio.get_running_loop(),
        )
