"""Answers whose JSON the database has written: where that wins over structs, rows become bytes."""

from typing import Any

import msgspec

from ticketing_server.core.db import Sql, literal
from ticketing_server.core.listing import Page

OBJECT = "SELECT to_json(x)::text AS json, x.version FROM ({}) x"
ARRAY = """
SELECT coalesce('[' || string_agg(y.json, ',' ORDER BY y.place) FILTER (WHERE {}) || ']', '[]')
    AS json, count(*) AS total
FROM (SELECT to_json(x)::text AS json, row_number() OVER () AS place FROM ({}) x) y
"""


class Written(msgspec.Struct, frozen=True):
    """An object's JSON, and its version for the ETag."""

    json: str
    version: int


class WrittenArray(msgspec.Struct, frozen=True):
    """The JSON of an array, or of the page of it that was asked for; how long the whole is."""

    json: str
    total: int


def written(json: str) -> Any:
    """JSON in the place of the structs that it spells, in a struct that is encoded around it."""
    return msgspec.Raw(json.encode())


def written_object(row: Sql) -> Sql:
    """For a `Written`: the row has a `version`."""
    return Sql(OBJECT, row)


def written_array(rows: Sql, page: Page) -> Sql:
    """The one row of a bare array (rulings 1.4); for one that is short as a whole."""
    if not page.asked:
        return Sql(ARRAY, Sql("TRUE"), rows)
    first, last = literal(page.offset + 1), literal(page.offset + page.size)
    return Sql(ARRAY, Sql("y.place BETWEEN {} AND {}", first, last), rows)


def instant(column: str) -> str:
    """A time as it crosses the wire (rulings 1.2), in SQL."""
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
