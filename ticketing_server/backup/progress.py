"""Lines in the log for whoever waits: none for what is quickly done."""

import logging
import time

logger = logging.getLogger(__name__)

EVERY_SECONDS = 5


class Progress:
    def __init__(self) -> None:
        self._last = time.monotonic()

    def tell(self, line: str, *values: object) -> None:
        if time.monotonic() - self._last > EVERY_SECONDS:
            self._last = time.monotonic()
            logger.info(line, *values)
