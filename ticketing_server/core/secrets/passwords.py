"""Argon2id off the event loop, and what makes a password good enough (rulings 2.3)."""

import asyncio
import functools
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ticketing_server.core.errors import Unavailable
from ticketing_server.core.telemetry.metrics import (
    ARGON2_REFUSED,
    ARGON2_RUNNING,
    ARGON2_SECONDS,
    ARGON2_WAIT_SECONDS,
)

T = TypeVar("T")

SHORTEST, LONGEST = 10, 1024

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# What a password is compared with when there is no account: the same work, and it never matches.
NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1"
    "$udzAeoQrWxQviVx7z2Dq2g$QNbgMCJgEtaHywqx54pzZa6ob/ushyTYSZUsSKq/IkY"
)

CORES = os.cpu_count() or 1
# A longer queue would answer its last guests after they have gone.
LONGEST_QUEUE = 50 * CORES


def _step_back() -> None:
    """Requests come first: on Linux each thread has a niceness of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


THREADS = ThreadPoolExecutor(CORES, thread_name_prefix="argon2", initializer=_step_back)


async def hash_password(password: str) -> str:
    """Raises Unavailable while too many others are waiting."""
    return await _in_thread(functools.partial(HASHER.hash, password))


async def verify_password(password: str, hashed: str | None) -> bool:
    """Takes the same time for an account that does not exist (`hashed` None).

    Raises Unavailable while too many others are waiting.
    """
    matches = await _in_thread(functools.partial(_verify, password, hashed or NOBODYS))
    return matches and hashed is not None


def waiting() -> int:
    """How many passwords wait for their turn."""
    return THREADS._work_queue.qsize()  # pyright: ignore[reportPrivateUsage]: no public count


def weakness(password: str, *, username: str, email: str) -> str | None:
    """Why the password is not good enough, or None."""
    if len(password) < SHORTEST:
        return f"This password is too short. It must contain at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"Ensure this field has no more than {LONGEST} characters."
    lowered = password.lower()
    if lowered in _common():
        return "This password is too common."
    for own, called in ((username, "username"), (email.partition("@")[0], "email")):
        if own and own.lower() in lowered:
            return f"The password is too similar to the {called}."
    return None


async def _in_thread(work: Callable[[], T]) -> T:
    if waiting() > LONGEST_QUEUE:
        ARGON2_REFUSED.inc()
        raise Unavailable(retry_after=5)
    timed = functools.partial(_timed, work, time.perf_counter())
    return await asyncio.get_running_loop().run_in_executor(THREADS, timed)


def _timed(work: Callable[[], T], queued: float) -> T:
    ARGON2_WAIT_SECONDS.observe(time.perf_counter() - queued)
    with ARGON2_RUNNING.track_inprogress(), ARGON2_SECONDS.time():
        return work()


def _verify(password: str, hashed: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _common() -> frozenset[str]:
    """The 10,000 most common passwords, less those that are too short anyway."""
    listed = files("ticketing_server.core.secrets").joinpath("common_passwords.txt")
    return frozenset(listed.read_text(encoding="utf-8").split())
