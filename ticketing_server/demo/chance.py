"""Chance that repeats: the same seed on the same day gives the same demo."""

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")

DAYS_BACK = 120
SATURDAY = 5


class Chance(random.Random):
    """`now` is the last midnight, so that what is drawn does not depend on the hour."""

    def __init__(self, seed: int, today: dt.date) -> None:
        super().__init__(seed)
        self.today = today
        self.now = dt.datetime.combine(today, dt.time(), dt.UTC)

    def happens(self, probability: float) -> bool:
        return self.random() < probability

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.datetime:
        return start + (end - start) * self.random()

    def moments(self, count: int, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
        """In order."""
        return sorted(self.between(start, end) for _ in range(count))

    def opening_moments(self, count: int) -> Iterator[dt.datetime]:
        """When tickets are opened: mostly lately, mostly on workdays, mostly in office hours."""
        ages = sorted((self._age() for _ in range(count)), reverse=True)
        yield from (self.now - dt.timedelta(minutes=age) for age in ages)

    def _age(self) -> int:
        """Minutes since a ticket was opened."""
        days = 1 + int(DAYS_BACK * self.random() ** 1.6)
        weekday = (self.today - dt.timedelta(days=days)).weekday()
        if weekday >= SATURDAY and self.happens(0.85):
            days += 2
        return days * 24 * 60 - int(self.triangular(5 * 60, 18 * 60, 9 * 60))


def spread(shares: Mapping[T, int]) -> list[T]:
    """A list to choose from in which each value stands as often as its share says."""
    return [value for value, share in shares.items() for _ in range(share)]
