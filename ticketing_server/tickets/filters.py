"""What a ticket list can be narrowed by, in SQL (rulings 4.9, 4.10)."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import in_visible_project
from ticketing_server.companies.ticket_classes import IS_OVERDUE
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, joined
from ticketing_server.tickets.structs import Type

KEY = re.compile(r"([A-Za-z][A-Za-z0-9]{1,9})-(\d{1,9})")

ORDERED_BY = ("created_at", "updated_at", "priority_id", "name")
DEFAULT_ORDERING = "-created_at"


class Sought(NamedTuple):
    """Tickets found by another table: `links` is `table x WHERE …`, with `project` and `ticket`."""

    links: Sql
    # Whether a ticket is there once at most.
    is_once: bool = True
    # The same, as it is gathered best where not one ticket is known yet.
    gathered: Sql | None = None
    # Whether few tickets can be there, as an expression; by default it is not known.
    is_rare: Sql | None = None


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

    def of_tickets(self, actor: int) -> Sql:
        """All of it, on the alias `t`, looked up for each ticket; for where these are few."""
        looked_up = [Sql(IS_IT, one.links) for one in self.sought(actor)]
        return joined(" AND ", [self.plain(actor), *looked_up])

    def plain(self, actor: int) -> Sql:
        """On the alias `t`: what the indexes that lists are read along can tell."""
        any_of = {
            "t.type": self.type,
            "t.priority_id": self.priority_id,
            't."column"': self.column,
            "t.project": self.project,
            "t.company": self.company,
            "t.reporter": self.reporter,
        }
        found = [_any_of(name, values) for name, values in any_of.items() if values]
        if self.status:
            found.append(Sql(f"t.{HAS_STATUS}", self.status))
        if self.overdue is not None:
            found.append(Sql(IS_OVERDUE if self.overdue else f"NOT {IS_OVERDUE}", today()))
        if self.following is False:
            found.append(Sql("NOT EXISTS (SELECT FROM {} AND x.ticket = t.id)", _followed(actor)))
        if self.created_after:
            found.append(Sql("t.created_at >= {}", self.created_after))
        if self.created_before:
            found.append(Sql("t.created_at < {}", self.created_before))
        return joined(" AND ", [EVERY, *found])

    def sought(self, actor: int) -> list[Sought]:
        """The rest: what another index finds, and few tickets may have."""
        found = [Sought(Sql(TAGGED, tag)) for tag in sorted(set(self.tags or []))]
        if self.assignee:
            found.append(Sought(Sql(ASSIGNED, self.assignee), is_once=len(self.assignee) == 1))
        if self.following:
            found.append(Sought(_followed(actor)))
        if self.search:
            found.append(self._searched())
        return found

    def _searched(self) -> Sought:
        key = KEY.fullmatch(self.search)
        if key is None:
            return Sought(
                Sql(WITH_WORDS, self.search),
                gathered=Sql(WITH_LEADING_WORDS, self.search, self.search),
                is_rare=Sql(HAS_RARE_WORD, self.search),
            )
        number = key[1].upper(), int(key[2])
        return Sought(Sql(WITH_WORDS_OR_KEY, self.search, *number), is_once=False)

    def are_about(self, *names: str) -> bool:
        """Whether nothing but these is asked for."""
        return self == Filters(**{name: getattr(self, name) for name in names})

    def of_counts(self) -> Sql:
        """On the alias `k`, of kept counts: their columns have the names of the ticket's."""
        any_of = {
            "k.project": self.project,
            'k."column"': self.column,
            "k.company": self.company,
            "k.type": self.type,
            "k.priority_id": self.priority_id,
        }
        found = [_any_of(name, values) for name, values in any_of.items() if values]
        if self.status:
            found.append(Sql(f"k.{HAS_STATUS}", self.status))
        return joined(" AND ", [EVERY, *found])


# In front of conditions that may be none.
EVERY = Sql("TRUE")
HAS_STATUS = '"column" IN (SELECT id FROM board_column WHERE status = ANY({}))'
# One row at a time: a join could begin with all the tickets of a common word.
IS_IT = "(SELECT TRUE FROM {} AND x.ticket = t.id LIMIT 1)"
FOUND = "SELECT x.project, x.ticket FROM {} AND {}"
FOUND_ONCE = "SELECT DISTINCT x.project, x.ticket FROM {} AND {}"
FOUND_BY_ALL = "SELECT f.project, f.ticket FROM ({}) f WHERE {}"
IS_FOUND_TOO = "EXISTS (SELECT FROM {} AND x.ticket = f.ticket)"
TAGGED = "ticket_tag x WHERE x.tag = {}"
ASSIGNED = "ticket_assignee x WHERE x.account = ANY({})"
FOLLOWED = "ticket_follower x WHERE x.account = {}"
WITH_WORDS = "ticket_words x WHERE x.words @@ (SELECT search_query({}))"
# The index gathers all that begins with each word, and 50,000 tickets may: `zirconium printer`,
# `printer ja` while somebody types. Led by the rare words, or else by the longer ones, it brings
# few, and these are looked at. A CASE, because the planner takes it for true of half: of what a
# comparison leaves it expects so little that it looks up each ticket in the next index.
WITH_LEADING_WORDS = """
(SELECT search_leading({}) AS leading, search_query({}) AS whole OFFSET 0) q
CROSS JOIN ticket_words x
WHERE x.words @@ q.leading
    AND CASE WHEN q.leading = q.whole THEN TRUE ELSE x.words @@ q.whole END
"""
HAS_RARE_WORD = "(SELECT search_rare({}) IS NOT NULL)"
WITH_WORDS_OR_KEY = """
(
    SELECT w.project, w.ticket FROM ticket_words w WHERE w.words @@ (SELECT search_query({}))
    UNION SELECT t.project, t.id FROM ticket t
    WHERE t.project = (SELECT id FROM project WHERE key = {}) AND t.number = {}
) x WHERE TRUE
"""


def found_by_all(actor: Actor, filters: Filters) -> Sql:
    """`project` and `ticket` of all that is sought in the projects the actor is in, each once."""
    projects = filters.project
    among = Sql("x.project = ANY({})", projects) if projects else EVERY
    within = Sql("{} AND {}", in_visible_project(actor, "x.project"), among)
    # Words first: theirs is the only index that does not say in which project, or which ticket.
    first, *others = sorted(filters.sought(actor.id), key=lambda one: one.gathered is None)
    found = Sql(FOUND if first.is_once else FOUND_ONCE, first.gathered or first.links, within)
    if not others:
        return found
    too = joined(" AND ", [Sql(IS_FOUND_TOO, one.links) for one in others])
    return Sql(FOUND_BY_ALL, found, too)


def _followed(actor: int) -> Sql:
    return Sql(FOLLOWED, actor)


def _any_of(column: str, values: Sequence[object]) -> Sql:
    """Of a single value the planner knows that an index has it in order."""
    if len(values) == 1:
        return Sql(f"{column} = {{}}", values[0])
    return Sql(f"{column} = ANY({{}})", values)
