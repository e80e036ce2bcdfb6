"""Many at once: every request really runs in parallel, each on a connection of its own."""

import asyncio
from collections import Counter

import pytest

from tests.waiting import has_to_wait, somebody_else
from tests.world import add_tag, add_ticket
from ticketing_server.core.db import Sql, scalar, scalars

TICKETS = "/tickets/tickets/"


async def at_once(*requests):
    """Their answers; none of them may be the server's own fault."""
    answers = await asyncio.gather(*requests)
    assert {answer.status_code for answer in answers} & {500, 503} == set(), answers
    return answers


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


async def test_parallel_creates_are_numbered_without_gap_or_double(world, as_user):
    new, clients = (
        {"name": "Mouse", "column": world.columns["New"]},
        [as_user("uma"), as_user("adam")],
    )

    answers = await at_once(*(client.post(TICKETS, json=new) for client in clients * 10))

    assert sorted(answer.json()["number"] for answer in answers) == [*range(2, 22)]


async def test_parallel_toggles_take_turns(world, as_user):
    mona, toggle = as_user("mona"), f"{TICKETS}{world.printer}/toggle_follow/"

    answers = await at_once(*(mona.post(toggle) for _ in range(10)))

    assert Counter(answer.json()["following"] for answer in answers) == {True: 5, False: 5}
    assert (await mona.get(f"{TICKETS}{world.printer}/")).json()["following"] is False


async def test_of_parallel_changes_of_one_version_one_wins(world, as_user):
    uma, printer = as_user("uma"), f"{TICKETS}{world.printer}/"
    seen = {"If-Match": (await uma.get(printer)).headers["etag"]}

    answers = await at_once(
        *(uma.patch(printer, json={"name": f"P{n}"}, headers=seen) for n in range(8))
    )

    assert statuses(answers) == {200: 1, 412: 7}
    winner = next(answer for answer in answers if answer.status_code == 200)
    present = await uma.get(printer)
    assert present.json() == winner.json()
    assert {answer.headers["etag"] for answer in answers} == {present.headers["etag"]}


async def test_parallel_changes_of_any_version_all_happen_and_are_remembered(world, as_user):
    uma, printer = as_user("uma"), f"{TICKETS}{world.printer}/"

    answers = await at_once(*(uma.patch(printer, json={"name": f"P{n}"}) for n in range(8)))

    history = (await uma.get(f"{printer}history/")).json()
    assert statuses(answers) == {200: 8}
    assert {item["new_value"] for item in history} == {f"P{n}" for n in range(8)}
    told = [item["old_value"] for item in history], [item["new_value"] for item in history]
    assert told[0] == ["Printer", *told[1][:-1]]
    assert (await uma.get(printer)).json()["version"] == 9


async def test_parallel_changes_of_different_fields_lose_none(world, as_user):
    alice, printer = as_user("alice"), f"{TICKETS}{world.printer}/"
    fields = {
        "name": "Plotter",
        "urgency": "high",
        "type": "bug",
        "assignee_ids": [world.people["adam"]],
        "tag_names": ["ink"],
        "column": world.columns["Done"],
    }

    await at_once(*(alice.patch(printer, json={name: fields[name]}) for name in fields))

    ticket = (await alice.get(printer)).json()
    assert {name: ticket[name] for name in fields} == fields


async def test_parallel_requests_with_one_new_tag_make_one_tag(world, as_user):
    new = {"name": "Mouse", "column": world.columns["New"], "tag_names": ["ink", "Paper"]}

    answers = await at_once(*(as_user("alice").post(TICKETS, json=new) for _ in range(8)))

    assert statuses(answers) == {201: 8}
    assert len({tuple(answer.json()["tag_ids"]) for answer in answers}) == 1
    made = Sql("SELECT count(*) FROM tag WHERE project = {}", world.project)
    assert await scalar(made, int) == 2


async def test_parallel_reorders_leave_every_column_a_place_of_its_own(world, as_user):
    alice, ids = as_user("alice"), [*world.columns.values()]
    orders = [
        [{"id": id, "order": (n + turn) % 4} for n, id in enumerate(ids)] for turn in range(4)
    ]

    answers = await at_once(
        *(alice.post("/tickets/columns/reorder/", json={"order": order}) for order in orders * 2)
    )

    places = await scalars(
        Sql('SELECT "order" FROM board_column WHERE project = {}', world.project), int
    )
    assert statuses(answers) == {200: 8}
    assert sorted(places) == [0, 1, 2, 3]


async def test_parallel_new_columns_of_one_name_are_one_column(world, as_user):
    new = {"name": "Testing", "order": 1}

    answers = await at_once(
        *(as_user("alice").post("/tickets/columns/", json=new) for _ in range(5))
    )

    assert statuses(answers) == {201: 1, 400: 4}
    board = (await as_user("alice").get("/tickets/columns/")).json()
    assert [column["name"] for column in board][:2] == ["New", "Testing"]
    assert len({column["order"] for column in board}) == 5


async def test_a_column_deleted_under_new_tickets_breaks_none(world, as_user):
    new = {"name": "Mouse", "column": world.columns["Review"]}
    column, move_to = f"/tickets/columns/{world.columns['Review']}/", world.columns["Done"]

    created = [as_user("uma").post(TICKETS, json=new) for _ in range(12)]
    deleting = as_user("alice").delete(f"{column}?move_to={move_to}")
    *answers, deleted = await at_once(*created[:6], *created[6:], deleting)

    assert statuses(answers).keys() <= {201, 400}
    assert deleted.status_code == 204
    found = (await as_user("uma").get(f"{TICKETS}?search=mouse")).json()
    assert found["count"] == statuses(answers)[201]
    assert {ticket["column_name"] for ticket in found["results"]} <= {"Done"}


async def test_a_column_deleted_under_moving_tickets_breaks_none(world, as_user):
    tickets = [
        await add_ticket(world.project, world.columns["Review"], world.people["uma"], "Mouse")
        for _ in range(8)
    ]
    column, move_to = f"/tickets/columns/{world.columns['Review']}/", world.columns["Done"]
    moved = [
        as_user("uma").patch(f"{TICKETS}{ticket}/", json={"column": world.columns["New"]})
        for ticket in tickets
    ]

    *answers, deleted = await at_once(
        *moved, as_user("alice").delete(f"{column}?move_to={move_to}")
    )

    assert (statuses(answers), deleted.status_code) == ({200: 8}, 204)
    assert await scalar(Sql("SELECT count(*) FROM ticket WHERE name = 'Mouse'"), int) == 8


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(("column", "category"), [("Review", "done"), ("Done", "todo")])
async def test_a_ticket_that_arrives_while_its_column_changes_category_fits_it(
    world, as_user, method, column, category
):
    """Resolved exactly when it lies in a column of category `done` (rulings 4.3)."""
    id = world.columns[column]
    path = TICKETS if method == "POST" else f"{TICKETS}{world.printer}/"

    async with somebody_else() as other:
        await other.execute("SELECT id FROM project WHERE id = $1 FOR UPDATE", world.project)
        await other.execute("UPDATE board_column SET category = $1 WHERE id = $2", category, id)
        waiting = await has_to_wait(
            as_user("uma").request(method, path, json={"name": "Mouse", "column": id})
        )
    answer = await waiting

    assert answer.is_success
    assert bool(answer.json()["resolved_at"]) == (category == "done")


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ("tag", "tag_ids"),
        ("company_project", "company"),
        ("account", "assignee_ids"),
        ("board_column", "column"),
    ],
)
async def test_what_vanishes_while_a_ticket_is_pointed_at_it_is_named(world, as_user, table, field):
    acme, adam = world.companies["Acme"], world.people["adam"]
    tag = await add_tag(world.project, "Nikora")
    sent = {
        "tag_ids": [tag],
        "company": world.companies["Globex"],
        "assignee_ids": [adam],
        "column": world.columns["Review"],
    }[field]
    gone = sent[0] if isinstance(sent, list) else sent
    column = "company" if table == "company_project" else "id"

    async with somebody_else() as other:
        await other.execute(f"DELETE FROM {table} WHERE {column} = $1", gone)
        waiting = await has_to_wait(
            as_user("alice").patch(f"{TICKETS}{world.printer}/", json={field: sent})
        )
    answer = await waiting

    assert answer.status_code == 400
    assert answer.json() == {field: [f'Invalid pk "{gone}" - object does not exist.']}
    found = (await as_user("alice").get(f"{TICKETS}{world.printer}/")).json()
    assert (found["company"], found["tag_ids"], found["assignee_ids"]) == (acme, [], [])


async def test_a_project_deleted_under_new_tickets_leaves_nothing(world, as_user):
    new = {"name": "Mouse", "column": world.columns["Review"]}
    uma, printer = as_user("uma"), f"{TICKETS}{world.printer}/"
    created = [uma.post(TICKETS, json=new) for _ in range(4)]
    changed = [uma.patch(printer, json={"name": f"P{n}"}) for n in range(4)]

    *answers, deleted = await at_once(
        *created,
        *changed,
        uma.delete(printer),
        as_user("alice").delete(f"/tickets/projects/{world.project}/"),
    )

    assert statuses(answers).keys() <= {200, 201, 204, 400, 404}
    assert deleted.status_code == 204
    ours = Sql("SELECT count(*) FROM ticket WHERE project = {}", world.project)
    assert await scalar(ours, int) == 0
