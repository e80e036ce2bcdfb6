"""What a ticket list can be narrowed by (rulings 4.9, 4.10)."""

import datetime as dt
import re
from typing import Annotated

import msgspec
from litestar.params import FromQuery, QueryParameter

from ticketing_server.companies.ticket_classes import IS_OVERDUE
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, joined
from ticketing_server.core.errors import Invalid
from ticketing_server.core.structs import Id
from ticketing_server.core.text import UnfitText, clean
from ticketing_server.tickets.structs import Priority, Type

KEY = re.compile(r"([A-Za-z][A-Za-z0-9]{1,9})-(\d{1,9})")
MOST_TAGS = 20
LONGEST_SEARCH = 500

ORDERINGS = {
    "created_at": "t.created_at",
    "updated_at": "t.updated_at",
    "priority_id": "t.priority_id",
    "name": "t.name",
}
DEFAULT_ORDERING = "-created_at"

Ids = Annotated[list[Id] | None, QueryParameter(description="Repeat it for any of several.")]
TagIds = Annotated[list[Id] | None, QueryParameter(description="Repeat it for all of several.")]
Moment = Annotated[
    str | None, QueryParameter(description="A date, or a date and time with its zone.")
]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Each None is not asked for. A list means any of its values, but all of the `tags`."""

    search: str = ""
    status: list[str] | None = None
    type: list[Type] | None = None
    priority_id: list[int] | None = None
    column: list[int] | None = None
    tags: list[int] | None = None
    project: list[int] | None = None
    company: list[int] | None = None
    assignee: list[int] | None = None
    reporter: list[int] | None = None
    following: bool | None = None
    overdue: bool | None = None
    created_after: dt.datetime | None = None
    created_before: dt.datetime | None = None

    def conditions(self, actor: int) -> list[Sql]:
        """On the alias `t`."""
        any_of = {
            "t.type": self.type,
            "t.priority_id": self.priority_id,
            't."column"': self.column,
            "t.project": self.project,
            "t.company": self.company,
            "t.reporter": self.reporter,
        }
        found = [Sql(f"{name} = ANY({{}})", values) for name, values in any_of.items() if values]
        return [*found, *self._of_other_tables(actor), *self._of_time(), *self._of_search()]

    def _of_other_tables(self, actor: int) -> list[Sql]:
        found: list[Sql] = []
        if self.status:
            found.append(Sql(HAS_STATUS, self.status))
        if self.assignee:
            found.append(Sql(HAS_ASSIGNEE, self.assignee))
        found += [Sql(HAS_TAG, tag) for tag in sorted(set(self.tags or []))]
        if self.following is not None:
            found.append(Sql(IS_FOLLOWED + " = {}", actor, self.following))
        return found

    def _of_time(self) -> list[Sql]:
        found: list[Sql] = []
        if self.overdue is not None:
            found.append(Sql(IS_OVERDUE + " = {}", today(), self.overdue))
        if self.created_after:
            found.append(Sql("t.created_at >= {}", self.created_after))
        if self.created_before:
            found.append(Sql("t.created_at < {}", self.created_before))
        return found

    def _of_search(self) -> list[Sql]:
        if not self.search:
            return []
        words = Sql("t.search @@ search_query({})", self.search)
        key = KEY.fullmatch(self.search)
        if key is None:
            return [words]
        is_key = Sql(HAS_KEY, key[1].upper(), int(key[2]))
        return [Sql("({})", joined(" OR ", [words, is_key]))]


HAS_STATUS = 't."column" IN (SELECT id FROM board_column WHERE status = ANY({}))'
HAS_ASSIGNEE = "t.id IN (SELECT ticket FROM ticket_assignee WHERE account = ANY({}))"
HAS_TAG = "EXISTS (SELECT FROM ticket_tag x WHERE x.ticket = t.id AND x.tag = {})"
HAS_KEY = "(t.project = (SELECT id FROM project WHERE key = {}) AND t.number = {})"
IS_FOLLOWED = "EXISTS (SELECT FROM ticket_follower f WHERE f.ticket = t.id AND f.account = {})"


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
        if not given:
            return None
        try:
            moment = dt.datetime.fromisoformat(given.replace(" ", "+"))
            zoned = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
            return zoned.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            self.wrong[name] = "Use a date, or a date and time: 2025-10-20T10:30:00Z."
            return None
