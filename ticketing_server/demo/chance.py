"""Chance that repeats: the same seed on the same day gives the same demo."""

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")

# Days ago: the projects began, their clients came, the first tickets were opened.
FOUNDED, CLIENTS_CAME, FIRST_TICKETS = 140, 130, 120
SATURDAY = 5
OPENING = dt.timedelta(hours=5, minutes=30)
OPEN_SHARE = 11.5 / 24


class Chance(random.Random):
    """`now` is the last midnight, so that what is drawn does not depend on the hour."""

    def __init__(self, seed: int, today: dt.date) -> None:
        super().__init__(seed)
        self.today = today
        self.now = dt.datetime.combine(today, dt.time(), dt.UTC)

    def days_ago(self, days: float) -> dt.datetime:
        return self.now - dt.timedelta(days=days)

    def happens(self, probability: float) -> bool:
        return self.random() < probability

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.datetime:
        return start + (end - start) * self.random()

    def moments(self, count: int, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
        """In order."""
        return sorted(self.between(start, end) for _ in range(count))

    def opening_moments(self, count: int) -> Iterator[dt.datetime]:
        """When tickets are opened: mostly lately, mostly on workdays."""
        ages = sorted((self._age() for _ in range(count)), reverse=True)
        yield from (self.now - dt.timedelta(minutes=age) for age in ages)

    def _age(self) -> int:
        """Minutes since a ticket was opened."""
        days = 1 + int(FIRST_TICKETS * self.random() ** 1.6)
        weekday = self.days_ago(days).weekday()
        if weekday >= SATURDAY and self.happens(0.85):
            days += 2
        return days * 24 * 60 - self.randrange(24 * 60)


def in_office_hours(moment: dt.datetime) -> dt.datetime:
    """The whole day drawn together to its office hours, so that what came first still does."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + OPENING + (moment - midnight) * OPEN_SHARE).replace(microsecond=0)


def spread(shares: Mapping[T, int]) -> list[T]:
    """A list to choose from in which each value stands as often as its share says."""
    return [value for value, share in shares.items() for _ in range(share)]
