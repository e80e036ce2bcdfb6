"""How many tickets stand in a column, of those that the actor sees, without looking at them."""

from typing import NamedTuple

from ticketing_server.access.actor import Actor
from ticketing_server.access.ticket_visibility import (
    ticket_counts_of,
    tickets_of,
    uncounted_tickets_of,
)
from ticketing_server.core.db import Sql

KEPT = """
(SELECT coalesce(sum(k.tickets), 0)::bigint FROM ticket_count k
    WHERE k.project = c.project AND k."column" = c.id AND {})
"""
OWN = """
WITH own AS MATERIALIZED (
    SELECT u."column", count(*) AS tickets FROM ({}) u GROUP BY u."column"
)
"""
AND_OWN = """{} + coalesce((SELECT own.tickets FROM own WHERE own."column" = c.id), 0)"""


class ColumnCounts(NamedTuple):
    """An expression on the alias `c`, and what stands in front of its statement."""

    before: Sql
    tickets: Sql


def column_counts(actor: Actor) -> ColumnCounts:
    kept = Sql(KEPT, ticket_counts_of(actor))
    if uncounted := uncounted_tickets_of(actor):
        own = tickets_of(uncounted, 't.id, t."column"')
        return ColumnCounts(Sql(OWN, own), Sql(AND_OWN, kept))
    return ColumnCounts(Sql(""), kept)
