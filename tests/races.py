"""Many at once, over and over, each time in a world and an order of its own."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

import httpx
import pytest

from tests.world import World

AsUser = Callable[[str], httpx.AsyncClient]


def in_rounds(usually: int) -> pytest.MarkDecorator:
    """Every test that takes a `race` is run in that many rounds, or in RACE_ROUNDS."""
    rounds = int(os.environ.get("RACE_ROUNDS", usually))
    return pytest.mark.parametrize("race", range(rounds), indirect=True)


class Race:
    """Everybody in a world of its own, and the order in which they start."""

    def __init__(self, world: World, as_user: AsUser, order: random.Random) -> None:
        self.world, self.as_user = world, as_user
        self._order = order

    async def run(self, *racing: Awaitable[httpx.Response]) -> list[httpx.Response]:
        """The answers, in the order in which the requests were named; none of them is a 5xx."""
        started = [*racing]
        self._order.shuffle(started)
        answers = dict(zip(started, await asyncio.gather(*started), strict=True))
        assert max(statuses(answers.values())) < 500
        return [answers[one] for one in racing]


@pytest.fixture
def race(request: pytest.FixtureRequest, world: World, as_user: AsUser) -> Race:
    return Race(world, as_user, random.Random(request.param))


def statuses(answers: Iterable[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)
