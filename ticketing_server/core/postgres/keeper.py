"""Has PostgreSQL started again when it ends before anybody has stopped it."""

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from ticketing_server.core.postgres.errors import PostgresError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
# Between attempts, while it cannot be started at all: the disk may be full.
LONGEST_PAUSE = 30.0
# Who stops the server waits no longer for an attempt. What it starts stops with our process.
LAST_ATTEMPT_SECONDS = 5


class Startable(Protocol):
    def is_gone(self) -> bool: ...

    def start(self) -> None: ...


@contextmanager
def kept_up(postgres: Startable) -> Generator[None]:
    """Somebody looks after it from a thread, for as long as the block runs."""
    is_over = threading.Event()
    keeper = threading.Thread(target=_keep_up, args=(postgres, is_over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join(LAST_ATTEMPT_SECONDS)


def _keep_up(postgres: Startable, is_over: threading.Event) -> None:
    pause = LOOK_SECONDS
    while not is_over.wait(pause):
        is_well = not postgres.is_gone() or _start(postgres)
        pause = LOOK_SECONDS if is_well else min(2 * pause, LONGEST_PAUSE)


def _start(postgres: Startable) -> bool:
    logger.error("PostgreSQL has ended; it is started again")
    try:
        postgres.start()
    except PostgresError as error:
        logger.error("PostgreSQL could not be started: %s", error)
        return False
    logger.warning("PostgreSQL is back")
    return True
