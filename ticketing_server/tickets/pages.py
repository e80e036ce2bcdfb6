"""Cuts a page out of a list of tickets: ids in order, before anything of a ticket is read.

- Near the beginning, the first tickets of each stream of what the actor sees are put together,
  which costs the same however many tickets there are.
- What another index finds (words, tags, people) may be anywhere. It is looked for among the newest
  first, one after another until there are enough; only where those have too few of it, or few are
  known to have it at all, is all of it gathered, which then are not many.
- Far from the beginning the list is walked as a whole, from its nearer end, along an index that has
  all that visibility and plain filters ask.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ticketing_server.access.actor import Actor
from ticketing_server.access.ticket_visibility import (
    IN_PROJECT,
    IS_THE_TICKET,
    ONE,
    Stream,
    of_each,
    sees_whole_projects_only,
    streams_of_tickets_visible_to,
    tickets_of,
    tickets_visible_to,
)
from ticketing_server.core.db import Sql, joined, literal
from ticketing_server.core.listing import Page
from ticketing_server.core.order import Term, order_by
from ticketing_server.tickets.filters import IS_IT, Filters, found_by_all

# So many are looked at for what may be sought: 4 µs each, and no more than it takes. What fewer
# than one in three hundred have, so few have that they are gathered in no longer a time.
NEWEST = 6000
# The same where the newest of several streams have to be sorted before any is looked at.
NEWEST_SORTED = 1500
# Streams in order are a branch of the statement each. The number of branches is one of these, so
# that a connection keeps few statements; beyond the last, what the streams have is sorted.
BRANCHES = (1, 4, 8, 16)
# All projects together are indexed by age alone.
EVERY_PROJECT = Sql("SELECT id FROM project")
# From here on counting first pays for itself: it says which end is nearer.
FAR = 1000

READ = """
SELECT x.* FROM ({}) v
CROSS JOIN LATERAL (SELECT {} FROM ticket t WHERE {} AND {} {} LIMIT {}) x
"""
NO_ROW = Sql(ONE, None)
IN_ORDER = """
(SELECT {} FROM ({}) v CROSS JOIN ticket t WHERE {} AND {} {} LIMIT {})
"""
SOUGHT = """
WITH rare AS MATERIALIZED (SELECT {} AS is_rare),
newest AS MATERIALIZED ({}),
seen AS MATERIALIZED (SELECT t.* FROM newest t WHERE {} {} LIMIT {}),
done AS MATERIALIZED (
    SELECT NOT is_rare
        AND ((SELECT count(*) FROM seen) = {} OR (SELECT count(*) FROM newest) < {}) AS is_done
    FROM rare
),
gathered AS MATERIALIZED (SELECT g.* FROM ({}) g WHERE NOT (SELECT is_done FROM done))
SELECT m.* FROM (
    SELECT * FROM seen WHERE (SELECT is_done FROM done) UNION ALL SELECT * FROM gathered
) m {} LIMIT {} OFFSET {}
"""
# All that a search and a list by age ask stands beside the words; the key is its ticket's.
GATHERED_WORDS = """
SELECT w.created_at, w.ticket AS id FROM ({}) x JOIN ticket_words w ON w.ticket = x.ticket
"""
MERGED = "SELECT m.* FROM ({}) m WHERE {} {} LIMIT {} OFFSET {}"
WALKED = "SELECT {} FROM ticket t WHERE {} {} LIMIT {} OFFSET {}"
NOTHING = "SELECT {} FROM ticket t WHERE FALSE"
UNKNOWN = Sql("FALSE")
ALWAYS, UNLESS_RARE = Sql("TRUE"), Sql("NOT (SELECT is_rare FROM rare)")


class Slice(NamedTuple):
    """Some of the list, counted from its beginning in the order of the terms."""

    terms: Sequence[Term]
    limit: int
    offset: int

    @property
    def end(self) -> int:
        return self.offset + self.limit

    @property
    def is_by_age(self) -> bool:
        return [term.field for term in self.terms] == ["created_at", "id"]

    @property
    def columns(self) -> str:
        return ", ".join(dict.fromkeys(f't."{term.field}"' for term in self.terms))

    def by(self, alias: str) -> Sql:
        return order_by(self.terms, lambda field: f'{alias}."{field}"')


def near(actor: Actor, filters: Filters, terms: Sequence[Term], page: Page) -> Sql:
    """The page's ids, with what they are ordered by; for a page near the beginning."""
    part = Slice(terms, page.size, page.offset)
    streams, plain = _streams(actor, filters, terms), filters.plain(actor.id)
    sought = filters.sought(actor.id)
    if not sought:
        return _merged(streams, plain, part)
    ordered = _in_order(streams)
    newest = max(NEWEST if ordered else NEWEST_SORTED, part.end)
    return Sql(
        SOUGHT,
        joined(" OR ", [one.is_rare or UNKNOWN for one in sought]),
        _newest(streams, ordered, plain, Slice(terms, newest, 0)),
        joined(" AND ", [Sql(IS_IT, one.links) for one in sought]),
        part.by("t"),
        literal(part.end),
        literal(part.end),
        literal(newest),
        _gathered(actor, filters, part),
        part.by("m"),
        literal(part.limit),
        literal(part.offset),
    )


def far(actor: Actor, filters: Filters, terms: Sequence[Term], page: Page, count: int) -> Sql:
    """The same, of a list known to be so long; the page exists."""
    asked = min(page.size, count - page.offset)
    behind = count - page.offset - asked
    if behind < page.offset:
        part = Slice([term.turned() for term in terms], asked, behind)
    else:
        part = Slice(terms, asked, page.offset)
    wanted = filters.of_tickets(actor.id)
    if not sees_whole_projects_only(actor):
        return _merged(_streams(actor, filters, terms), wanted, part)
    seen = Sql("{} AND {}", tickets_visible_to(actor), wanted)
    numbers = literal(part.limit), literal(part.offset)
    return Sql(WALKED, Sql(part.columns), seen, part.by("t"), *numbers)


def _gathered(actor: Actor, filters: Filters, part: Slice) -> Sql:
    if (
        filters.are_about("search", "project")
        and part.is_by_age
        and sees_whole_projects_only(actor)
    ):
        return Sql(GATHERED_WORDS, found_by_all(actor, filters))
    found = Stream(found_by_all(actor, filters), IS_THE_TICKET)
    wanted = Sql("{} AND {}", tickets_visible_to(actor), filters.plain(actor.id))
    return tickets_of([found], part.columns, wanted)


def _streams(actor: Actor, filters: Filters, terms: Sequence[Term]) -> list[Stream]:
    """Of one company or reporter there is a stream, too, where whole projects are seen."""
    leading = {"company": filters.company, "reporter": filters.reporter}
    for column, values in leading.items():
        if values and sees_whole_projects_only(actor):
            condition = Sql(f"t.{column} = v.id AND {{}}", tickets_visible_to(actor))
            return [of_each(values, condition)]
    if actor.superuser and not filters.project and terms[0].field != "created_at":
        return [Stream(EVERY_PROJECT, IN_PROJECT)]
    return streams_of_tickets_visible_to(actor, filters.project)


def _in_order(streams: list[Stream]) -> Sequence[Stream]:
    """As streams that PostgreSQL reads side by side, in the order of the list; none if it cannot.

    It takes the next ticket of whichever stream has it, and sorts nothing: so a search that finds
    enough among the first 400 reads no more of them. Streams that may share a ticket would have to
    be freed of it first.
    """
    rows = streams[0].rows if len(streams) == 1 else None
    branches = next((number for number in BRANCHES if rows and len(rows) <= number), None)
    if rows is None or branches is None:
        return ()
    padded = [*rows, *[NO_ROW] * (branches - len(rows))]
    return [Stream(row, streams[0].condition) for row in padded]


def _newest(streams: list[Stream], ordered: Sequence[Stream], wanted: Sql, part: Slice) -> Sql:
    if not ordered:
        return _merged(streams, wanted, part, UNLESS_RARE)
    columns, end = Sql(part.columns), literal(part.end)
    read = [
        Sql(IN_ORDER, columns, one.source, one.condition, wanted, part.by("t"), end)
        for one in ordered
    ]
    return _cut(joined(" UNION ALL ", read), UNLESS_RARE, part)


def _merged(streams: list[Stream], wanted: Sql, part: Slice, when: Sql = ALWAYS) -> Sql:
    if not streams:
        return Sql(NOTHING, Sql(part.columns))
    columns, end = Sql(part.columns), literal(part.end)
    read = [
        Sql(READ, one.source, columns, one.condition, wanted, part.by("t"), end) for one in streams
    ]
    return _cut(joined(" UNION ", read), when, part)


def _cut(merged: Sql, when: Sql, part: Slice) -> Sql:
    return Sql(MERGED, merged, when, part.by("m"), literal(part.limit), literal(part.offset))
