"""Several server processes on one socket, watched over by the one that has started them."""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from multiprocessing.connection import wait

from typing_extensions import override
from uvicorn import Config
from uvicorn.supervisors import multiprocess

from ticketing_server.connections import limits
from ticketing_server.connections.server import Server

logger = logging.getLogger(__name__)

Pids = set[int | None]


class Worker(multiprocess.Process):
    """One of them; it stops when nobody is left to watch over it."""

    @property
    @override
    def server(self) -> Server:
        if not isinstance(self._server, Server):
            self._server = Server(self.config)
        return self._server

    @override
    def target(self, sockets: list[socket.socket] | None = None) -> None:
        # As `__main__` does, until it serves: nothing that is imported is garbage.
        gc.disable()
        threading.Thread(target=_stop_when_alone, daemon=True).start()
        super().target(sockets)

    @override
    def wait_until_ready(self, timeout: float, should_exit: threading.Event | None = None) -> bool:
        """uvicorn waits no longer for the start than for an answer to its question."""
        return super().wait_until_ready(max(timeout, limits.START_SECONDS), should_exit)


class Workers(multiprocess.Multiprocess):
    """Starts another worker for each that has ended; SIGHUP replaces them one after another.

    `on_change` is told the process ids of those that live when they are others than before.
    """

    def __init__(
        self, config: Config, sockets: list[socket.socket], on_change: Callable[[Pids], None]
    ) -> None:
        super().__init__(config, sockets=sockets)
        self._on_change = on_change
        self._living: Pids = set()

    @override
    def keep_subprocess_alive(self) -> None:
        for process in self.processes:
            if process.exitcode is not None:
                logger.error(
                    "server process %s has ended with %s; another one is started",
                    process.pid,
                    process.exitcode,
                )
        super().keep_subprocess_alive()
        living = {process.pid for process in self.processes}
        if living != self._living:
            self._living = living
            self._on_change(living)

    @override
    def terminate_all(self) -> None:
        """Whoever connects from now on is refused, instead of waiting for nobody."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


# uvicorn names the class of its processes in several places, and takes no other.
multiprocess.Process = Worker


def _stop_when_alone() -> None:
    """An orphan would go on serving, beside the server that is started in its place."""
    watcher = multiprocessing.parent_process()
    assert watcher
    wait([watcher.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
