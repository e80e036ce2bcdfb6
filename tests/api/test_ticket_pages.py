"""A page of tickets is the same however it is cut: from streams, among the newest, from the end."""

import datetime as dt
import itertools

import pytest

from tests.world import add_role
from ticketing_server.core.db import Sql, execute, scalars
from ticketing_server.tickets import list_queries, pages

TICKETS = "/tickets/tickets/"
FILTERS = [
    "",
    "search=odd",
    "search=ticket%20even",
    "search=ticket%20e",
    "search=DESK-7",
    "search=nothing",
    "tags={tag}",
    "tags={tag}&search=odd",
    "tags={tag}&search=odd&assignee={adam}",
    "assignee={alice}&assignee={adam}&tags={tag}",
    "assignee={adam}",
    "assignee={adam}&assignee={alice}&type=bug",
    "following=true",
    "following=false",
    "overdue=true",
    "overdue=false&priority_id=2",
    "company={acme}",
    "company={acme}&company={globex}&overdue=false",
    "reporter={uma}",
    "project={project}&status=new",
    "column={new}&priority_id=1&priority_id=2",
    "type=bug",
    "created_after=2025-01-02&created_before=2025-01-03",
]
ORDERS = ["", "-created_at", "created_at", "-updated_at", "priority_id,-name", "name"]
# Sees everything, whole projects, parts of one, and a whole one beside a part.
PEOPLE = ["root", "alice", "uma", "stella"]
MANY = """
INSERT INTO ticket (project, "column", company, reporter, name, type, priority_id, due_date,
    created_at, resolved_at)
SELECT {}, ({}::bigint[])[1 + n % 2], ({}::bigint[])[1 + n % 3], ({}::bigint[])[1 + n % 4],
    CASE n % 2 WHEN 0 THEN 'Ticket even ' ELSE 'Ticket odd ' END || n, CASE n % 5 WHEN 0 THEN 'bug'
        ELSE 'task' END, 1 + n % 5, CASE n % 3 WHEN 0 THEN DATE '2025-01-01' END,
    TIMESTAMPTZ '2025-01-01Z' + make_interval(hours => n / 2 * 2),
    CASE n % 4 WHEN 0 THEN now() END
FROM generate_series(1, 40) AS n RETURNING id
"""

# Four hundred tickets, two of which have a word of their own.
COMMON = """
INSERT INTO ticket (project, "column", company, name)
SELECT {}, {}, {}, 'Ticket odd ' || CASE WHEN n <= 2 THEN 'zirconium' ELSE 'as ever' END
FROM generate_series(1, 400) AS n
"""
FORGET = "DELETE FROM pg_statistic WHERE starelid = 'ticket_words'::regclass"


@pytest.fixture
async def many(world):
    """Forty tickets, in twos of one moment; adam is assigned to some, everybody follows some."""
    people = world.people
    await add_role(world.project, people["stella"], "user")
    ids = await scalars(
        Sql(
            MANY,
            world.project,
            [world.columns["New"], world.columns["Done"]],
            [world.companies["Acme"], world.companies["Globex"]],
            [people[name] for name in ("uma", "ugo", "alice", "stella")],
        ),
        int,
    )
    await _link("ticket_assignee", world, ids[::3], people["adam"])
    await _link("ticket_assignee", world, ids[::9], people["alice"])
    for name in PEOPLE:
        await _link("ticket_follower", world, ids[::7], people[name])
    tag = await _tag(world, ids[::4])
    return {
        "tag": tag,
        "adam": people["adam"],
        "alice": people["alice"],
        "uma": people["uma"],
        "acme": world.companies["Acme"],
        "globex": world.companies["Globex"],
        "project": world.project,
        "new": world.columns["New"],
    }


async def _link(table, world, tickets, person):
    await execute(
        Sql(
            f"INSERT INTO {table} (project, ticket, account)"
            " SELECT {}, t, {} FROM unnest({}::bigint[]) AS t",
            world.project,
            person,
            tickets,
        )
    )


async def _tag(world, tickets):
    [tag] = await scalars(
        Sql("INSERT INTO tag (project, name) VALUES ({}, 'x') RETURNING id", world.project), int
    )
    await execute(
        Sql(
            "INSERT INTO ticket_tag (project, ticket, tag)"
            " SELECT {}, t, {} FROM unnest({}::bigint[]) AS t",
            world.project,
            tag,
            tickets,
        )
    )
    return tag


async def walked(client, query, size):
    """The ids of all pages, and each page's count."""
    ids, counts = [], set()
    for number in itertools.count(1):
        page = (await client.get(f"{TICKETS}?{query}&page_size={size}&page={number}")).json()
        ids += [one["id"] for one in page["results"]]
        counts.add(page["count"])
        if page["next"] is None:
            return ids, counts


def as_if_forty_were_a_million(monkeypatch, branches):
    """Few are looked at first, and soon it is far."""
    monkeypatch.setattr(pages, "NEWEST", 5)
    monkeypatch.setattr(pages, "NEWEST_SORTED", 5)
    monkeypatch.setattr(pages, "BRANCHES", branches)
    monkeypatch.setattr(list_queries, "FAR", 12)


# The newest are read in the order of the list where no more than so many streams have them.
@pytest.mark.parametrize("branches", [pages.BRANCHES, ()], ids=["in order", "sorted"])
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("query", FILTERS)
async def test_every_way_to_cut_gives_the_same_list(
    as_user, many, person, query, branches, monkeypatch
):
    client, asked = as_user(person), query.format(**many)
    whole, counts = await walked(client, asked, 100)

    as_if_forty_were_a_million(monkeypatch, branches)

    assert await walked(client, asked, 4) == (whole, {len(whole)})
    assert counts == {len(whole)}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("order", ORDERS)
async def test_every_way_to_cut_keeps_the_order(as_user, many, person, order, monkeypatch):
    client = as_user(person)
    whole, _ = await walked(client, f"ordering={order}", 100)
    as_if_forty_were_a_million(monkeypatch, pages.BRANCHES)

    assert len(whole) == len(set(whole)) > 0
    assert (await walked(client, f"ordering={order}", 3))[0] == whole
    assert sorted((await walked(client, f"ordering={order}&search=odd", 3))[0]) == sorted(
        set(whole) & set((await walked(client, "search=odd", 100))[0])
    )


async def test_a_page_past_the_end_is_not_there_near_or_far(as_user, many):
    near, far = [
        await as_user("alice").get(f"{TICKETS}?page={page}&page_size=20") for page in (4, 100_000)
    ]

    assert (near.status_code, far.status_code) == (404, 404)
    assert near.json() == far.json() == {"detail": "Invalid page."}


async def test_the_last_of_many_pages_is_not_walked_to(world, as_user, statements):
    await execute(
        Sql(
            'INSERT INTO ticket (project, "column", name, created_at)'
            " SELECT {}, {}, 'Ticket ' || n, TIMESTAMPTZ '2025-01-01Z' + make_interval(mins => n)"
            " FROM generate_series(1, 2999) AS n",
            world.project,
            world.columns["New"],
        )
    )
    await as_user("alice").get(TICKETS)

    async with statements() as sent:
        last = (await as_user("alice").get(f"{TICKETS}?page=150")).json()

    assert (last["next"], last["count"], last["results"][-1]["name"]) == (None, 3000, "Ticket 1")
    assert len(sent) == 2
    assert "OFFSET 0" in sent[1], "the list was walked from its beginning"


@pytest.mark.parametrize("person", ["root", "alice", "uma"])
async def test_what_the_statistics_say_of_words_changes_no_search(world, as_user, many, person):
    client = as_user(person)
    searches = ["ticket", "Ticket odd", "zirconium", "zirconium od", "odd zirconium nothing", "zir"]
    await execute(Sql(COMMON, world.project, world.columns["New"], world.companies["Acme"]))
    await execute(Sql(FORGET))
    before = [await walked(client, f"search={words}", 60) for words in searches]

    await execute(Sql("ANALYZE ticket_words"))

    rare = await scalars(Sql("SELECT search_rare('ticket odd zirconium')::text"), str)
    assert rare == ["'zirconium':*"]
    assert [await walked(client, f"search={words}", 60) for words in searches] == before
    assert len(before[0][0]) > len(before[2][0]) == 2


async def test_a_search_finds_what_a_changed_text_says(world, as_user):
    uma, printer = as_user("uma"), f"{TICKETS}{world.printer}/"
    await uma.patch(printer, json={"name": "Plotter", "description": "Purple"})

    counts = [
        (await uma.get(f"{TICKETS}?search={word}")).json()["count"]
        for word in ("printer", "plotter", "purple")
    ]

    assert counts == [0, 1, 1]


async def test_times_are_written_in_utc_to_the_microsecond(world, as_user):
    await execute(
        Sql(
            "UPDATE ticket SET created_at = '2025-10-20T12:30:00+02:00' WHERE id = {}",
            world.printer,
        )
    )

    [ticket] = (await as_user("uma").get(TICKETS)).json()["results"]

    assert ticket["created_at"] == "2025-10-20T10:30:00.000000Z"
    assert dt.datetime.fromisoformat(ticket["updated_at"]).tzinfo == dt.UTC
