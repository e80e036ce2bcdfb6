"""What a check has found."""

from enum import Enum
from typing import Self

import msgspec


class Level(Enum):
    OK = "ok"
    WARNING = "warning"
    FATAL = "fatal"


class Finding(msgspec.Struct):
    """One thing looked at. `advice` says what to do; empty when all is well."""

    what: str
    found: str
    advice: str = ""
    level: Level = Level.OK

    @classmethod
    def warning(cls, what: str, found: str, advice: str) -> Self:
        """The server runs all the same."""
        return cls(what, found, advice, Level.WARNING)

    @classmethod
    def fatal(cls, what: str, found: str, advice: str) -> Self:
        """The server does not run like this, or loses something."""
        return cls(what, found, advice, Level.FATAL)

    def __str__(self) -> str:
        advice = f"\n        {self.advice}" if self.advice else ""
        return f"{self.level.value:<7} {self.what}: {self.found}{advice}"
