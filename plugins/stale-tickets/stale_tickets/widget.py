"""What "untouched" means, and how it is counted and drawn."""

import datetime as dt
from typing import Annotated

from msgspec import Meta

from ticketing_server.plugins import (
    IS_OPEN,
    Field,
    Out,
    Parameters,
    Scope,
    Sql,
    Table,
    Widget,
    literal,
    now,
    rows,
)

# Comments and files leave `updated_at` as it is. The events of a ticket tell of comments, also of
# those that are gone; events and files are found by an index, for tickets that may be stale alone.
UNTOUCHED = f"""
SELECT t.id, t.number, t."column", greatest(t.updated_at,
    (SELECT e.created_at FROM event e WHERE e.ticket = t.id ORDER BY e.id DESC LIMIT 1),
    (SELECT a.uploaded_at FROM attachment a WHERE a.ticket = t.id ORDER BY a.id DESC LIMIT 1)
) AS touched_at
FROM ticket t WHERE {{}} AND {IS_OPEN} AND t.updated_at <= {{}}
"""
BY_COLUMN = f"""
SELECT c.id, c.name, count(s.id) AS count, min(s.touched_at) AS untouched_since,
    coalesce((array_agg(p.key || '-' || s.number ORDER BY s.touched_at, s.id)
        FILTER (WHERE s.id IS NOT NULL))[1:{{}}], ARRAY[]::text[]) AS keys
FROM board_column c
JOIN project p ON p.id = c.project
LEFT JOIN ({UNTOUCHED}) s ON s."column" = c.id AND s.touched_at <= {{}}
WHERE c.project = {{}} AND c.category <> 'done'
GROUP BY c.id ORDER BY c."order", c.id
"""


class Wanted(Parameters):
    days: Annotated[int, Meta(ge=1, le=365, description="Untouched for at least so many days.")] = 7
    keys: Annotated[int, Meta(ge=0, le=20, description="Tickets named in each column.")] = 5


class Column(Out):
    """`keys` are the tickets untouched for longest, those first; the first since then."""

    id: int
    name: str
    count: int
    untouched_since: dt.datetime | None
    keys: list[str]


class StaleTickets(Out):
    """Counts are of the tickets that the caller sees."""

    columns: list[Column]


async def read(scope: Scope, parameters: Wanted) -> StaleTickets:
    latest = now() - dt.timedelta(days=parameters.days)
    most = literal(parameters.keys)
    found = await rows(Sql(BY_COLUMN, most, scope.tickets, latest, latest, scope.project), Column)
    return StaleTickets(columns=found)


STALE_TICKETS = Widget(
    slug="stale-tickets",
    title="Stale tickets",
    description="Open tickets that nobody has changed, commented on or added a file to for days.",
    show=Table(
        rows="columns",
        columns=[
            Field(name="name", title="Column"),
            Field(name="count", title="Tickets", format="number"),
            Field(name="untouched_since", title="Untouched since", format="time"),
            Field(name="keys", title="Longest untouched"),
        ],
    ),
    read=read,
)
