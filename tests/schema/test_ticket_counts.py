"""Kept counts of tickets are what a recount finds, whoever changed what, and at once."""

import asyncio
import random

import pytest

from tests.world import add_ticket
from ticketing_server.core.db import Sql, execute, rows, scalar

TICKETS = "/tickets/tickets/"
KEPT = """
SELECT "column", company, sum(tickets)::bigint AS tickets FROM ticket_count
GROUP BY 1, 2 HAVING sum(tickets) <> 0 ORDER BY 1, 2
"""
COUNTED = """
SELECT "column", company, count(*) AS tickets FROM ticket GROUP BY 1, 2 ORDER BY 1, 2
"""
KEPT_KINDS = """
SELECT "column", type, priority_id, sum(tickets)::bigint AS tickets FROM ticket_kind_count
GROUP BY 1, 2, 3 HAVING sum(tickets) <> 0 ORDER BY 1, 2, 3
"""
COUNTED_KINDS = """
SELECT "column", type, priority_id, count(*) AS tickets FROM ticket
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


async def read(statement):
    return await rows(Sql(statement), dict[str, object])


async def assert_true():
    assert await read(KEPT) == await read(COUNTED)
    assert await read(KEPT_KINDS) == await read(COUNTED_KINDS)


async def test_a_life_of_a_ticket_leaves_nothing(world, as_user):
    alice = as_user("alice")
    new = {"name": "Mouse", "column": world.columns["New"], "company": world.companies["Acme"]}
    mouse = f"{TICKETS}{(await alice.post(TICKETS, json=new)).json()['id']}/"
    for change in (
        {"column": world.columns["Done"]},
        {"company": None},
        {"type": "bug", "priority_id": 5},
        {"company": world.companies["Globex"], "column": world.columns["Review"]},
        {"name": "Rat"},
    ):
        await alice.patch(mouse, json=change)
        await assert_true()

    await alice.delete(mouse)

    await assert_true()


async def test_changes_in_parallel_all_count(world, as_user):
    """More transactions than one fold needs, so that folding goes on among them."""
    chance = random.Random(4)
    alice, columns = as_user("alice"), [*world.columns.values()]
    companies = [None, *world.companies.values()]

    async def somebody():
        for _ in range(12):
            new = {
                "name": "Mouse",
                "column": chance.choice(columns),
                "company": chance.choice(companies),
            }
            mouse = f"{TICKETS}{(await alice.post(TICKETS, json=new)).json()['id']}/"
            moved = {"column": chance.choice(columns), "priority_id": chance.randint(1, 5)}
            await alice.patch(mouse, json=moved)
            if chance.random() < 0.3:
                await alice.delete(mouse)

    await asyncio.gather(*(somebody() for _ in range(8)))

    await assert_true()
    board = (await alice.get(f"/tickets/columns/?project={world.project}")).json()
    listed = (await alice.get(f"{TICKETS}?page_size=1")).json()["count"]
    assert sum(column["tickets_count"] for column in board) == listed


async def test_what_is_rolled_back_does_not_count(world):
    with pytest.raises(Exception, match="division by zero"):
        await execute(
            Sql(
                'WITH new AS (INSERT INTO ticket (project, "column", name)'
                " VALUES ({}, {}, 'Mouse') RETURNING id) SELECT 1 / (id - id) FROM new",
                world.project,
                world.columns["New"],
            )
        )

    await assert_true()


async def test_folding_changes_no_sum_and_leaves_a_row_a_place(world):
    for n in range(20):
        await add_ticket(world.project, world.columns["New"], world.people["uma"], f"Ticket {n}")
    before = await read(KEPT)

    await execute(Sql("SELECT fold_ticket_counts({})", world.project))

    assert await read(KEPT) == before
    places = "SELECT count(*) FROM ticket_count WHERE project = {}"
    assert await scalar(Sql(places, world.project), int) == 2
    await assert_true()


async def test_a_deleted_project_takes_its_counts_and_words_along(world, as_user):
    deleted = await as_user("alice").delete(f"/tickets/projects/{world.project}/")

    assert deleted.status_code == 204
    for table in ("ticket_count", "ticket_kind_count", "ticket_words"):
        left = Sql(f"SELECT count(*) FROM {table} WHERE project = {{}}", world.project)
        assert await scalar(left, int) == 0
    await assert_true()


async def test_a_column_moved_as_a_whole_counts_in_its_new_place(world, as_user):
    for n in range(5):
        await add_ticket(world.project, world.columns["New"], world.people["uma"], f"Ticket {n}")
    path = f"/tickets/columns/{world.columns['New']}/?move_to={world.columns['Done']}"

    assert (await as_user("alice").delete(path)).status_code == 204

    await assert_true()
