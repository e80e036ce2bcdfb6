"""What a backup says of itself; the file's own names for its parts."""

import datetime as dt
from typing import Literal

import msgspec

from ticketing_server import __version__

TABLES, MEDIA = "tables/", "media/"


class Refused(Exception):
    """One line: why there is no backup, or why nothing was restored."""


class Table(msgspec.Struct):
    """A table's part of the file, and the Piccolo app that it belongs to.

    `last_ids` are what its sequences gave out last, by column.
    """

    name: str
    schema: str | None
    app: str = ""
    columns: list[str] = []
    last_ids: dict[str, int] = {}
    rows: int = 0

    @property
    def identifier(self) -> str:
        """As SQL names it."""
        return ".".join(f'"{part}"' for part in self._parts)

    @property
    def member(self) -> str:
        return f"{TABLES}{'.'.join(self._parts)}.copy"

    @property
    def _parts(self) -> list[str]:
        return [self.schema, self.name] if self.schema else [self.name]


class Manifest(msgspec.Struct):
    """What the file holds. `migrations` are those that its tables have seen, by Piccolo app."""

    made_at: dt.datetime
    postgres: str
    migrations: dict[str, list[str]]
    tables: list[Table]
    files: int = 0
    made_by: str = __version__
    format: Literal[1] = 1

    def __str__(self) -> str:
        rows = sum(table.rows for table in self.tables)
        return f"{rows:,} rows of {len(self.tables)} tables and {self.files:,} files"
