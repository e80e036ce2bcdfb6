"""How long a test waits for what other processes do."""

import time
from collections.abc import Callable

from tests.faults.extent import SLACK


def wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 6 * SLACK
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.01)
