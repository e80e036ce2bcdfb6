"""Lists of tickets: one statement for a page and its count, written as JSON by the database."""

from collections.abc import Sequence

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import Asker, Repeated
from ticketing_server.core.db import Sql, row, rows
from ticketing_server.core.listing import Page
from ticketing_server.core.order import Term, order_by, order_terms
from ticketing_server.core.structs import BIGGEST
from ticketing_server.core.written import written
from ticketing_server.tickets import counts
from ticketing_server.tickets.counts import Counts
from ticketing_server.tickets.filters import DEFAULT_ORDERING, ORDERED_BY, Filters
from ticketing_server.tickets.pages import FAR, far, near
from ticketing_server.tickets.queries import dressed
from ticketing_server.tickets.structs import TicketOut

OF_CUT = "({}) cut JOIN ticket t ON t.id = cut.id"
PAGE = """
SELECT coalesce('[' || string_agg(to_json(x)::text, ',') || ']', '[]') AS json,
    count(*) AS shown, {} AS count
FROM ({}) x
"""


async def list_page(
    asker: Asker, filters: Filters, order: str | None, page: Page, known: Counts
) -> tuple[list[TicketOut], int]:
    """A page of what the asker sees, and how many there are in all. Raises Invalid, InvalidPage."""
    terms = order_terms(order, ORDERED_BY, DEFAULT_ORDERING)
    if page.offset >= FAR:
        return await _far_page(asker, filters, terms, page, known)
    if filters.are_about("project"):
        shape = tuple(filters.project or ()), tuple(terms), page
        found = await asker.row(Repeated(_page_of_projects, shape=shape), _Page)
    else:
        found = await asker.row(lambda actor: _near_page(actor, filters, terms, page, known), _Page)
    assert found is not None
    count = page.told_by(found.shown) if found.count is None else found.count
    if count is None:
        count = await counts.count(await asker.actor(), filters, known)
    return written(found.json), count


async def list_of_company(
    asker: Asker, company: int, page: Page, known: Counts
) -> tuple[list[TicketOut], int]:
    """Newest first; all that the asker sees unless a page was asked for."""
    filters = Filters(company=[company])
    if page.asked:
        return await list_page(asker, filters, None, page, known)
    terms = order_terms(None, ORDERED_BY, DEFAULT_ORDERING)
    whole = Page(number=1, size=BIGGEST, asked=False)
    found = await asker.row(
        lambda actor: _page(actor, near(actor, filters, terms, whole), terms, Sql("NULL::bigint")),
        _Page,
    )
    assert found is not None
    return written(found.json), found.shown


async def list_newest(actor: Actor, project: int, limit: int) -> list[TicketOut]:
    """The tickets of a project that were created last, of those that the actor sees."""
    terms = order_terms(None, ORDERED_BY, DEFAULT_ORDERING)
    page = Page(number=1, size=limit, asked=True)
    cut = near(actor, Filters(project=[project]), terms, page)
    return await rows(dressed(actor, Sql(OF_CUT, cut), _by(terms)), TicketOut)


class _Page(msgspec.Struct):
    json: str
    shown: int
    count: int | None


def _near_page(
    actor: Actor, filters: Filters, terms: Sequence[Term], page: Page, known: Counts
) -> Sql:
    count = counts.without_looking(actor, filters, known)
    return _page(actor, near(actor, filters, terms, page), terms, count)


def _page_of_projects(
    actor: Actor, projects: tuple[int, ...], terms: tuple[Term, ...], page: Page
) -> Sql:
    """A board's list, asked for again and again: its count is always kept."""
    filters = Filters(project=list(projects) or None)
    count = counts.kept(actor, filters)
    assert count is not None
    return _page(actor, near(actor, filters, terms, page), terms, count)


async def _far_page(
    asker: Asker, filters: Filters, terms: list[Term], page: Page, known: Counts
) -> tuple[list[TicketOut], int]:
    """Counted first: a page past the end is not read, and one near it is read from there."""
    counted = await asker.row(
        lambda actor: Sql("SELECT {} AS count", counts.without_looking(actor, filters, known)),
        _Count,
    )
    actor = await asker.actor()
    count = counted.count if counted else None
    if count is None:
        count = await counts.count(actor, filters, known)
    page.check(count)
    there = far(actor, filters, terms, page, count)
    found = await row(_page(actor, there, terms, Sql("{}::bigint", count)), _Page)
    assert found is not None
    return written(found.json), count


class _Count(msgspec.Struct):
    count: int | None


def _page(actor: Actor, cut: Sql, terms: Sequence[Term], count: Sql) -> Sql:
    return Sql(PAGE, count, dressed(actor, Sql(OF_CUT, cut), _by(terms)))


def _by(terms: Sequence[Term]) -> Sql:
    return order_by(terms, lambda field: f'cut."{field}"')
