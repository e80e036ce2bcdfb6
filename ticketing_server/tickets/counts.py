"""How many tickets of a list there are: always exact, and mostly without looking at them.

What `ticket_count` keeps answers lists of projects, columns, statuses and companies, and what
`ticket_kind_count` keeps those of types and priorities. Every other list is counted once, and then
the database says, in the statement that reads a page of it, whether anything has been committed
since in the projects that it is about (`projects.changes`).
"""

import asyncio
import time
from collections import OrderedDict
from weakref import WeakValueDictionary

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.ticket_visibility import (
    IS_THE_TICKET,
    Stream,
    sees_whole_projects_only,
    streams_of_tickets_visible_to,
    ticket_counts_of,
    tickets_of,
    tickets_visible_to,
    uncounted_tickets_of,
)
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, row
from ticketing_server.core.db.engine import STATEMENT_SECONDS
from ticketing_server.projects.changes import changed_in
from ticketing_server.tickets.filters import Filters, found_by_all

KEPT = "(SELECT coalesce(sum(k.tickets), 0)::bigint FROM {} k WHERE {} AND {})"
BY_PLACE, BY_KIND = Sql("ticket_count"), Sql("ticket_kind_count")
OF_ALL = "(SELECT count(*) FROM ({}) u)"
COUNTED = "SELECT ({}) AS count, pg_current_snapshot()::text AS snapshot"
STILL = "CASE WHEN NOT {} THEN {}::bigint END"
UNKNOWN = Sql("NULL::bigint")

MOST_REMEMBERED = 10_000
# Changes are noted for an hour; a count that old is counted anew.
LONGEST_SECONDS = 600


class Remembered(msgspec.Struct, frozen=True):
    """What was counted from `began` on, and a snapshot that is not younger."""

    count: int
    snapshot: str
    began: float


class Counts:
    """Counts by what was counted; the one that was not asked for longest is forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Remembered] = OrderedDict()
        self._turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    def turn(self, key: bytes) -> asyncio.Lock:
        """Held by the one who counts."""
        return self._turns.setdefault(key, asyncio.Lock())

    def find(self, key: bytes) -> Remembered | None:
        known = self._known.get(key)
        if known is None or known.began < time.monotonic() - LONGEST_SECONDS:
            return None
        self._known.move_to_end(key)
        return known

    def keep(self, key: bytes, known: Remembered) -> None:
        self._known[key] = known
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


def without_looking(actor: Actor, filters: Filters, counts: Counts) -> Sql:
    """The count as an expression beside a page; null where it has to be counted."""
    if expression := kept(actor, filters):
        return expression
    if known := counts.find(_key(actor, filters)):
        changed = changed_in(_projects(actor, filters), known.snapshot)
        return Sql(STILL, changed, known.count)
    return UNKNOWN


async def count(actor: Actor, filters: Filters, counts: Counts) -> int:
    """Counts, and remembers; of many who ask at once, those who wait share what one counts.

    Where that one fails or goes away the next one counts. Waiting and counting together take no
    longer than a statement may: those who came together do not each wait for the ones before them.
    Raises TimeoutError.
    """
    key, asked = _key(actor, filters), time.monotonic()
    async with asyncio.timeout(STATEMENT_SECONDS), counts.turn(key):
        if (known := counts.find(key)) and known.began >= asked:
            return known.count
        began = time.monotonic()
        found = await row(Sql(COUNTED, _counting(actor, filters)), _Counted)
        assert found is not None
        counts.keep(key, Remembered(found.count, found.snapshot, began))
        return found.count


def kept(actor: Actor, filters: Filters) -> Sql | None:
    """From the kept counts; None where those cannot tell."""
    if filters.are_about("project", "column", "status", "company"):
        total = Sql(KEPT, BY_PLACE, ticket_counts_of(actor), filters.of_counts())
        uncounted = uncounted_tickets_of(actor)
        wanted = filters.of_tickets(actor.id)
        return Sql("{} + {}", total, _all_of(uncounted, wanted)) if uncounted else total
    if not sees_whole_projects_only(actor):
        return None
    if filters.are_about("project", "column", "status", "type", "priority_id"):
        return Sql(KEPT, BY_KIND, ticket_counts_of(actor), filters.of_counts())
    return None


class _Counted(msgspec.Struct):
    count: int
    snapshot: str


def _counting(actor: Actor, filters: Filters) -> Sql:
    """Of two halves, the one that an index knows is counted: what is not overdue is the rest."""
    for name in ("overdue", "following"):
        if getattr(filters, name) is False:
            either = msgspec.structs.replace(filters, **{name: None})
            other = msgspec.structs.replace(filters, **{name: True})
            return Sql("({}) - ({})", _counting(actor, either), _counting(actor, other))
    return kept(actor, filters) or _looking(actor, filters)


def _looking(actor: Actor, filters: Filters) -> Sql:
    if not sees_whole_projects_only(actor):
        streams = streams_of_tickets_visible_to(actor, filters.project)
        return _all_of(streams, filters.of_tickets(actor.id))
    if not filters.sought(actor.id):
        seen, wanted = tickets_visible_to(actor), filters.plain(actor.id)
        return Sql("SELECT count(*) FROM ticket t WHERE {} AND {}", seen, wanted)
    found = found_by_all(actor, filters)
    if filters.are_about("project", "search", "tags", "assignee", "following"):
        # The tickets themselves need not be read.
        return Sql(OF_ALL, found)
    return _all_of([Stream(found, IS_THE_TICKET)], filters.plain(actor.id))


def _all_of(streams: list[Stream], wanted: Sql) -> Sql:
    return Sql(OF_ALL, tickets_of(streams, "t.id", wanted))


def _projects(actor: Actor, filters: Filters) -> list[int] | None:
    """Whose changes the count depends on; None: any project's."""
    if actor.superuser:
        return filters.project
    return sorted(actor.roles)


def _key(actor: Actor, filters: Filters) -> bytes:
    """The same for all who see the same."""
    if actor.superuser:
        seen: object = "everything"
    elif sees_whole_projects_only(actor):
        seen = sorted(actor.roles)
    else:
        seen = actor
    person = None if filters.following is None else actor.id
    return msgspec.json.encode((seen, person, filters, today()))
