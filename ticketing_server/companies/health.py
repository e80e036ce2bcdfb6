"""How a company fares (rulings 6.6): facts in, one word out."""

from enum import StrEnum
from typing import Literal

import msgspec

Fact = Literal["critical", "overdue", "urgent_unassigned", "idle_days"]


class Health(StrEnum):
    CRITICAL = "critical"
    ATTENTION = "attention"
    INACTIVE = "inactive"
    HEALTHY = "healthy"


class Facts(msgspec.Struct, frozen=True):
    """How many tickets of each class; whole days since the last change, None without tickets."""

    critical: int = 0
    overdue: int = 0
    urgent_unassigned: int = 0
    idle_days: int | None = None


class Rule(msgspec.Struct, frozen=True):
    """The word that fits once a fact has reached the threshold."""

    health: Health
    fact: Fact
    threshold: int

    def measured(self, facts: Facts) -> int | None:
        return getattr(facts, self.fact)

    def is_met(self, facts: Facts) -> bool:
        measured = self.measured(facts)
        return measured is None or measured >= self.threshold


# The first that fits names the status.
RULES = [
    Rule(Health.CRITICAL, "critical", 1),
    Rule(Health.CRITICAL, "overdue", 4),
    Rule(Health.ATTENTION, "overdue", 1),
    Rule(Health.ATTENTION, "urgent_unassigned", 1),
    Rule(Health.INACTIVE, "idle_days", 30),
]


def health(facts: Facts) -> Health:
    return next((rule.health for rule in RULES if rule.is_met(facts)), Health.HEALTHY)


def grounds(facts: Facts) -> list[Rule]:
    """The rules behind the word; none behind `healthy`."""
    word = health(facts)
    return [rule for rule in RULES if rule.health is word and rule.is_met(facts)]
