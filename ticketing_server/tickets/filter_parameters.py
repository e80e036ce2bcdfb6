"""Reads the query parameters by which a ticket list is narrowed (rulings 4.9, 4.10)."""

import datetime as dt
from typing import Annotated

from litestar.params import FromQuery, QueryParameter
from msgspec import Meta

from ticketing_server.core.errors import Invalid
from ticketing_server.core.structs import Id
from ticketing_server.core.text import UnfitText, clean
from ticketing_server.tickets.filters import Filters
from ticketing_server.tickets.structs import Priority, Type

MOST_TAGS = 20
LONGEST_SEARCH = 500

Ids = Annotated[list[Id] | None, QueryParameter(description="Repeat it for any of several.")]
TagIds = Annotated[list[Id] | None, QueryParameter(description="Repeat it for all of several.")]
Moment = Annotated[
    str | None,
    QueryParameter(description="A date, or a date and time with its zone."),
    Meta(extra_json_schema={"anyOf": [{"format": "date"}, {"format": "date-time"}]}),
]


async def provide_filters(
    search: FromQuery[str | None] = None,
    status: FromQuery[list[str] | None] = None,
    type: FromQuery[list[Type] | None] = None,
    priority_id: FromQuery[list[Priority] | None] = None,
    column: Ids = None,
    tags: TagIds = None,
    project: Ids = None,
    company: Ids = None,
    assignee: Ids = None,
    reporter: Ids = None,
    following: FromQuery[bool | None] = None,
    overdue: FromQuery[bool | None] = None,
    created_after: Moment = None,
    created_before: Moment = None,
) -> Filters:
    """Reads the query parameters. Raises Invalid on each that cannot be read."""
    read = _Reader()
    filters = Filters(
        search=read.text("search", search or ""),
        status=[read.text("status", slug) for slug in status] if status else None,
        type=type,
        priority_id=priority_id,
        column=column,
        tags=tags,
        project=project,
        company=company,
        assignee=assignee,
        reporter=reporter,
        following=following,
        overdue=overdue,
        created_after=read.moment("created_after", created_after),
        created_before=read.moment("created_before", created_before),
    )
    if tags and len(set(tags)) > MOST_TAGS:
        read.wrong["tags"] = f"Ensure this field has no more than {MOST_TAGS} elements."
    if read.wrong:
        raise Invalid(read.wrong)
    return filters


class _Reader:
    """Reads what needs more than a type, and remembers what was wrong."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}

    def text(self, name: str, given: str) -> str:
        try:
            text = clean(given)
        except UnfitText as error:
            self.wrong[name] = str(error)
            return ""
        if len(text) > LONGEST_SEARCH:
            self.wrong[name] = f"Ensure this field has no more than {LONGEST_SEARCH} characters."
        return text

    def moment(self, name: str, given: str | None) -> dt.datetime | None:
        if given is None:
            return None
        try:
            moment = dt.datetime.fromisoformat(given.replace(" ", "+"))
            zoned = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
            return zoned.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            self.wrong[name] = "Use a date, or a date and time: 2025-10-20T10:30:00Z."
            return None
