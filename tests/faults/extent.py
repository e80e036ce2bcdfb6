"""How long the fault tests go on: a short form in `make check`, the long one in `make faults`."""

import os
import time
from collections.abc import Iterator

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
IS_LONG = ROUNDS >= 10

# In the short form slow clients meet a server that waits for them a quarter as long.
HASTE = 1 if IS_LONG else 4

# What is promised in seconds is told in the table that `make faults` prints. The tests themselves
# allow more: a machine that does something else meanwhile is no fault of the server's.
SLACK = 10

# For the rounds of one test, so that on a slow machine too all of them end within ten minutes.
SECONDS = 80


def rounds(at_most: int = ROUNDS, seconds: float = SECONDS) -> Iterator[int]:
    """1, 2 and so on: as many as are asked for, or as fit."""
    began = time.monotonic()
    for number in range(1, min(at_most, ROUNDS) + 1):
        yield number
        if time.monotonic() - began > seconds:
            return
