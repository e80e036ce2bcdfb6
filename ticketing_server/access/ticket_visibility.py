"""Who sees which ticket (rulings 4.4): one rule, as a condition, as streams, and as counts.

The three say the same in the forms that three kinds of reads need; `tests/api/test_ticket_pages.py`
and the tenancy machine hold them against each other.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.access.visibility import EVERYTHING
from ticketing_server.core.db import Sql, joined

ONCE = Sql("SELECT")
ONE = "SELECT {}::bigint AS id"
EACH = "SELECT DISTINCT id FROM unnest({}::bigint[]) AS given(id)"
LINKS = (
    "SELECT x.project, x.ticket FROM {} x WHERE x.account = {} AND x.project = ANY({}::bigint[])"
)
# OFFSET 0 keeps the planner from reading all tickets beside those few that a person has.
READ = """
SELECT x.* FROM ({}) v CROSS JOIN LATERAL (SELECT {} FROM ticket t WHERE {} AND {} OFFSET 0) x
"""
IN_PROJECT = Sql("t.project = v.id")
IS_THE_TICKET = Sql("t.project = v.project AND t.id = v.ticket")
IS_LINKED = "x WHERE x.ticket = t.id AND x.account = {}"


def tickets_visible_to(actor: Actor) -> Sql:
    """`t`: all tickets of the projects the actor oversees, in the rest their own (rulings 4.4)."""
    if actor.superuser:
        return EVERYTHING
    overseen, limited = _by_sight_of_tickets(actor)
    everything_in = Sql("t.project = ANY({}::bigint[])", overseen)
    if not limited:
        return everything_in
    theirs = joined(" OR ", [Sql("t.company = ANY({}::bigint[])", actor.companies), *_ties(actor)])
    return Sql("({} OR (t.project = ANY({}::bigint[]) AND ({})))", everything_in, limited, theirs)


def tickets_visible_in(actor: Actor, project: int) -> Sql:
    """`t`: as above, of one project."""
    in_project = Sql("t.project = {}", project)
    if actor.may(Action.VIEW_ALL_TICKETS, project):
        return in_project
    return Sql("{} AND {}", in_project, tickets_visible_to(actor))


class Stream(NamedTuple):
    """Tickets for one reason: for each row of `source`, as `v`, those of `condition` on `t`.

    Of each row an index has them in the order of a list, or there is at most one. `rows` are those
    of `source` one by one, where they are known.
    """

    source: Sql
    condition: Sql
    rows: Sequence[Sql] | None = None


def of_each(ids: Collection[int], condition: Sql) -> Stream:
    """With the ids as `v.id`."""
    return Stream(Sql(EACH, list(ids)), condition, [Sql(ONE, one) for one in sorted(set(ids))])


def streams_of_tickets_visible_to(
    actor: Actor, projects: Collection[int] | None = None
) -> list[Stream]:
    """The same tickets, of these projects or of all, by reason; some have more than one.

    To read the first tickets of each stream and put them together takes as long among a million as
    among a thousand; to look for a client's among everybody's does not.
    """
    if actor.superuser:
        whole = Stream(ONCE, EVERYTHING, [ONCE])
        return [whole if projects is None else of_each(projects, IN_PROJECT)]
    overseen, limited = _by_sight_of_tickets(actor)
    if projects is not None:
        overseen = [one for one in overseen if one in projects]
        limited = [one for one in limited if one in projects]
    streams = [of_each(overseen, IN_PROJECT)] if overseen else []
    if limited and actor.companies:
        streams.append(_of_companies(actor.companies, limited))
    return [*streams, *(_tied(actor, limited) if limited else [])]


def tickets_of(streams: Sequence[Stream], columns: str, wanted: Sql = EVERYTHING) -> Sql:
    """Some columns of the tickets of the streams, `id` among them, each ticket once."""
    read = [Sql(READ, one.source, Sql(columns), one.condition, wanted) for one in streams]
    return joined(" UNION ", read) if read else Sql(f"SELECT {columns} FROM ticket t WHERE FALSE")


def ticket_counts_of(actor: Actor) -> Sql:
    """`k`: the kept counts of tickets that the actor sees, each whole."""
    if actor.superuser:
        return EVERYTHING
    overseen, limited = _by_sight_of_tickets(actor)
    everything_in = Sql("k.project = ANY({}::bigint[])", overseen)
    if not limited:
        return everything_in
    of_companies = Sql(
        "k.project = ANY({}::bigint[]) AND k.company = ANY({}::bigint[])", limited, actor.companies
    )
    return Sql("({} OR ({}))", everything_in, of_companies)


def uncounted_tickets_of(actor: Actor) -> list[Stream]:
    """What the actor sees beside those counts: their own tickets, of no company of theirs."""
    if sees_whole_projects_only(actor):
        return []
    is_uncounted = Sql("(t.company = ANY({}::bigint[])) IS NOT TRUE", actor.companies)
    _, limited = _by_sight_of_tickets(actor)
    return [
        Stream(one.source, Sql("{} AND {}", one.condition, is_uncounted))
        for one in _tied(actor, limited)
    ]


def sees_whole_projects_only(actor: Actor) -> bool:
    """No ticket has to be looked at to know whether the actor sees it, but its project."""
    return actor.superuser or not _by_sight_of_tickets(actor)[1]


def _by_sight_of_tickets(actor: Actor) -> tuple[list[int], list[int]]:
    """The projects whose every ticket the actor sees, and the rest."""
    overseen = sorted(actor.projects_where(Action.VIEW_ALL_TICKETS))
    return overseen, sorted(actor.roles.keys() - set(overseen))


def _ties(actor: Actor) -> list[Sql]:
    """`t`: what ties a ticket to somebody, beside their company (rulings 4.4)."""
    return [
        Sql("t.reporter = {}", actor.id),
        Sql("EXISTS (SELECT FROM ticket_assignee {})", Sql(IS_LINKED, actor.id)),
        Sql("EXISTS (SELECT FROM ticket_follower {})", Sql(IS_LINKED, actor.id)),
    ]


def _tied(actor: Actor, projects: list[int]) -> list[Stream]:
    """The same, found by the person, in some projects."""
    reported = Sql("t.reporter = {} AND t.project = ANY({}::bigint[])", actor.id, projects)
    return [
        Stream(ONCE, reported),
        Stream(Sql(LINKS, Sql("ticket_assignee"), actor.id, projects), IS_THE_TICKET),
        Stream(Sql(LINKS, Sql("ticket_follower"), actor.id, projects), IS_THE_TICKET),
    ]


def _of_companies(companies: list[int], projects: list[int]) -> Stream:
    condition = Sql("t.company = v.id AND t.project = ANY({}::bigint[])", projects)
    return of_each(companies, condition)
