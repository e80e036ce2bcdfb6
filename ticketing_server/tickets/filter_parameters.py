"""Reads the query parameters by which a ticket list is narrowed (rulings 4.9, 4.10)."""

from typing import Annotated

from litestar.params import FromQuery, QueryParameter

from ticketing_server.core.errors import Invalid
from ticketing_server.core.parameters import Ids, Moments, Reader
from ticketing_server.core.structs import Id
from ticketing_server.tickets.filters import Filters
from ticketing_server.tickets.structs import Priority, Type

MOST_TAGS = 20

YesOrNo = Annotated[list[bool] | None, QueryParameter(description="Repeat it for either.")]
TagIds = Annotated[list[Id] | None, QueryParameter(description="Repeat it for all of several.")]


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
    following: YesOrNo = None,
    overdue: YesOrNo = None,
    created_after: Moments = None,
    created_before: Moments = None,
) -> Filters:
    """Reads the query parameters. Raises Invalid on each that cannot be read."""
    read = Reader()
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
        following=_either(following),
        overdue=_either(overdue),
        created_after=min(read.moments("created_after", created_after), default=None),
        created_before=max(read.moments("created_before", created_before), default=None),
    )
    if tags and len(set(tags)) > MOST_TAGS:
        read.wrong["tags"] = f"Ensure this field has no more than {MOST_TAGS} elements."
    if read.wrong:
        raise Invalid(read.wrong)
    return filters


def _either(given: list[bool] | None) -> bool | None:
    """Who asks for both asks for all."""
    values = set(given or [])
    return values.pop() if len(values) == 1 else None
