"""Reads an answer that is kept: one reads, those who asked meanwhile wait for it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec

from ticketing_server.core.clock import today
from ticketing_server.dashboard import reading
from ticketing_server.dashboard.loading import Offered
from ticketing_server.dashboard.memory import Kept, Memory
from ticketing_server.dashboard.widget import Parameters, Scope


class Asked(msgspec.Struct, frozen=True):
    """A widget of a project: what the database saw by `moment`, and the answer if it is known.

    `is_kept` says whether this caller may be given what another was.
    """

    project: int
    is_kept: bool
    snapshot: str
    moment: float
    answer: msgspec.Raw | None


async def read(offered: Offered, asked: Asked, scope: Scope, memory: Memory) -> msgspec.Raw:
    """Raises WidgetFailed, and what the widget refuses."""
    key = (offered.widget.slug, asked.project)
    async with _turn(offered, memory.turn(key)):
        if kept := memory.find_read_since(key, asked.moment):
            return kept.answer
        began, day = time.monotonic(), today()
        answer = await reading.read(offered, scope, Parameters())
        memory.keep(key, Kept(asked.snapshot, answer, began, day))
        return answer


@asynccontextmanager
async def _turn(offered: Offered, lock: asyncio.Lock) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(reading.SECONDS):
            await lock.acquire()
    except TimeoutError:
        raise reading.WidgetFailed(offered, "was waited for too long") from None
    try:
        yield
    finally:
        lock.release()
