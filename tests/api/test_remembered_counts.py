"""A count that was counted is told again only while nothing has changed."""

import asyncio
import contextvars

import pytest

from tests.conftest import client_of, make_app, token_of
from tests.world import add_tag
from ticketing_server.access.authentication import find_actor
from ticketing_server.core.db import DB, Sql, execute
from ticketing_server.tickets import counts
from ticketing_server.tickets.filters import Filters

TICKETS = "/tickets/tickets/"
NO_COUNT = "LOCK TABLE ticket_words IN ACCESS EXCLUSIVE MODE"


@pytest.fixture
async def board(world):
    """Thirty tickets with the tag "net": a page does not tell how many there are."""
    await execute(
        Sql(
            'INSERT INTO ticket (project, "column", company, reporter, name)'
            " SELECT {}, {}, {}, {}, 'Ticket ' || n FROM generate_series(1, 30) AS n",
            world.project,
            world.columns["New"],
            world.companies["Acme"],
            world.people["uma"],
        )
    )
    tag = await add_tag(world.project, "net")
    await execute(
        Sql(
            "INSERT INTO ticket_tag (project, ticket, tag) SELECT project, id, {} FROM ticket"
            " WHERE project = {} AND name LIKE 'Ticket%'",
            tag,
            world.project,
        )
    )
    return tag


async def count(client, query):
    return (await client.get(f"{TICKETS}?{query}")).json()["count"]


async def test_what_was_counted_is_not_counted_again(world, as_user, board, statements):
    alice = as_user("alice")
    assert await count(alice, "search=ticket") == 30

    async with statements() as sent:
        again = await count(alice, "search=ticket&page=2&page_size=10")

    assert (again, len(sent)) == (30, 1)


@pytest.mark.parametrize("person", ["alice", "root", "uma"])
async def test_every_kind_of_change_is_counted_at_once(world, as_user, board, person):
    client, adam = as_user(person), as_user("adam")
    first = (await as_user("alice").get(f"{TICKETS}?search=ticket")).json()["results"][0]["id"]
    one, followed = f"{TICKETS}{first}/", as_user(person)
    asked = ["search=ticket", f"tags={board}", f"assignee={world.people['adam']}", "following=true"]
    before = [await count(client, query) for query in asked]

    await as_user("alice").patch(one, json={"name": "Other", "tag_ids": []})
    await adam.patch(one, json={"assignee_ids": [world.people["adam"]]})
    await followed.post(f"{one}toggle_follow/")

    assert before == [30, 30, 0, 0]
    assert [await count(client, query) for query in asked] == [29, 29, 1, 1]


async def test_another_process_counts_what_this_one_has_changed(world, board):
    bearer = {"Authorization": f"Bearer {token_of(world, 'alice')}"}
    async with client_of(make_app(), **bearer) as here, client_of(make_app(), **bearer) as there:
        assert await count(there, "search=ticket") == 30
        new = {"name": "Ticket more", "column": world.columns["New"]}
        await here.post(TICKETS, json=new)

        assert await count(there, "search=ticket") == 31


async def all_count(person, memory):
    """Eight who come together, and have begun when this returns."""
    actor = await find_actor(person)
    asking = [
        asyncio.create_task(
            counts.count(actor, Filters(search="ticket"), memory), context=contextvars.Context()
        )
        for _ in range(8)
    ]
    await asyncio.sleep(0.1)
    return asking


async def test_of_many_who_wait_for_a_count_two_count(world, board, statements):
    """The one who came first, and one for all who came while it counted."""
    async with DB.transaction():
        await execute(Sql(NO_COUNT))
        asking = await all_count(world.people["alice"], counts.Counts())
    async with statements() as sent:
        found = await asyncio.gather(*asking)

    assert found == [30] * 8
    assert len([one for one in sent if "pg_current_snapshot" in one]) == 2


async def test_where_the_one_who_counts_goes_away_the_next_one_counts(world, board, statements):
    async with DB.transaction():
        await execute(Sql(NO_COUNT))
        first, *others = await all_count(world.people["alice"], counts.Counts())
        first.cancel()
    async with statements() as sent:
        found = await asyncio.gather(*others)

    assert first.cancelled()
    assert found == [30] * 7
    assert len([one for one in sent if "pg_current_snapshot" in one]) == 1


async def test_nobody_waits_for_a_count_longer_than_a_statement_may_take(world, board, monkeypatch):
    monkeypatch.setattr(counts, "STATEMENT_SECONDS", 0.3)
    memory = counts.Counts()
    async with DB.transaction():
        await execute(Sql(NO_COUNT))
        began = asyncio.get_running_loop().time()
        asking = await all_count(world.people["alice"], memory)
        failed = await asyncio.gather(*asking, return_exceptions=True)
        waited = asyncio.get_running_loop().time() - began
    monkeypatch.undo()

    assert [type(one) for one in failed] == [TimeoutError] * 8
    # The lock alone would keep each of them for longer, one after another.
    assert waited < 2
    assert await asyncio.gather(*await all_count(world.people["alice"], memory)) == [30] * 8


async def test_what_others_may_see_is_not_told(world, as_user, board):
    assert await count(as_user("alice"), "search=ticket") == 30
    assert await count(as_user("ugo"), "search=ticket") == 0
    assert await count(as_user("stella"), "search=ticket") == 0


@pytest.mark.parametrize(
    "query", ["", "status=new", "column={new}", "type=task&priority_id=3", "company={acme}"]
)
async def test_a_plain_count_needs_no_counting(world, as_user, board, statements, query):
    alice = as_user("alice")
    await alice.get(TICKETS)
    asked = query.format(new=world.columns["New"], acme=world.companies["Acme"])

    async with statements() as sent:
        found = await count(alice, asked)

    assert (found, len(sent)) == (31, 1)
