"""Reads query parameters that need more than a type."""

import datetime as dt
from typing import Annotated

from litestar.params import QueryParameter
from msgspec import Meta

from ticketing_server.core.errors import Invalid
from ticketing_server.core.structs import Id
from ticketing_server.core.text import UnfitText, clean

LONGEST_TEXT = 500

_IS_A_MOMENT = Meta(extra_json_schema={"anyOf": [{"format": "date"}, {"format": "date-time"}]})

Ids = Annotated[list[Id] | None, QueryParameter(description="Repeat it for any of several.")]
Moments = Annotated[
    list[Annotated[str, _IS_A_MOMENT]] | None,
    QueryParameter(
        description="A date, or a date and time with its zone. Repeat it for any of several."
    ),
]


def searched(given: str | None) -> str:
    """The query parameter `search` as it is looked for; "" asks for nothing. Raises Invalid."""
    read = Reader()
    text = read.text("search", given or "")
    if read.wrong:
        raise Invalid(read.wrong)
    return text


class Reader:
    """Remembers what was wrong with each, so that all of it is told at once."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}

    def text(self, name: str, given: str) -> str:
        try:
            text = clean(given)
        except UnfitText as error:
            self.wrong[name] = str(error)
            return ""
        if len(text) > LONGEST_TEXT:
            self.wrong[name] = f"Ensure this field has no more than {LONGEST_TEXT} characters."
        return text

    def moments(self, name: str, given: list[str] | None) -> list[dt.datetime]:
        read = [self._moment(name, one) for one in given or []]
        return [moment for moment in read if moment]

    def _moment(self, name: str, given: str) -> dt.datetime | None:
        try:
            moment = dt.datetime.fromisoformat(given.replace(" ", "+"))
            zoned = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
            return zoned.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            self.wrong[name] = "Use a date, or a date and time: 2025-10-20T10:30:00Z."
            return None
