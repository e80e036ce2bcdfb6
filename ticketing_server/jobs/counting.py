"""How often a background job has run, and how that went."""

from collections.abc import Generator
from contextlib import contextmanager

from ticketing_server.core.telemetry.metrics import (
    JOB_FAILURES,
    JOB_LAST_SUCCESS,
    JOB_RUNS,
    JOB_SECONDS,
)


class Job:
    """Its counts are 0 from the start, so that a first failure is seen as a step."""

    def __init__(self, name: str) -> None:
        self._runs = JOB_RUNS.labels(name)
        self._failures = JOB_FAILURES.labels(name)
        self._seconds = JOB_SECONDS.labels(name)
        self._name = name

    @contextmanager
    def run(self) -> Generator[None]:
        """One run, as long as the block; an error in it is a failure, and goes on."""
        self._runs.inc()
        with self._failures.count_exceptions(), self._seconds.time():
            yield
        JOB_LAST_SUCCESS.labels(self._name).set_to_current_time()
