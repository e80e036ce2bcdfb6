"""The columns of a board (rulings 3.5-3.8)."""

import pytest

from tests.world import add_role, add_ticket, everything_stored

COLUMNS, REORDER = "/tickets/columns/", "/tickets/columns/reorder/"


@pytest.fixture
def column(world):
    """`column("Review")`: its address."""
    return lambda name: f"{COLUMNS}{world.columns[name]}/"


async def board_of(client):
    return [(one["name"], one["order"]) for one in (await client.get(COLUMNS)).json()]


async def make(client, name, **more):
    return await client.post(COLUMNS, json={"name": name, **more})


# -------------------------------------------------------------------- reading


async def test_the_list_has_the_documented_fields_and_two_more(world, as_user):
    first = (await as_user("uma").get(COLUMNS)).json()[0]

    assert [*first] == [
        "id", "name", "status", "category", "order", "color", "project", "tickets_count",
        "created_at", "updated_at", "version",
    ]  # fmt: skip
    assert (first["name"], first["order"], first["tickets_count"]) == ("New", 0, 1)
    assert (await as_user("uma").get(f"{COLUMNS}{first['id']}/")).json() == first


async def test_without_a_project_all_of_the_callers_boards_are_listed(world, as_user):
    await add_role(world.other_project, world.people["uma"], "user")
    get = as_user("uma").get

    everything = (await get(COLUMNS)).json()
    theirs = (await get(f"{COLUMNS}?project={world.other_project}")).json()

    assert len(everything) == 8
    assert {one["project"] for one in theirs} == {world.other_project}
    assert (await as_user("alice").get(f"{COLUMNS}?project={world.other_project}")).json() == []


async def test_a_repeated_project_widens_as_any_filter_does(world, as_user):
    """rulings 4.9"""
    await add_role(world.other_project, world.people["uma"], "user")
    both = [world.project, world.other_project]

    for asked in (both, both[::-1]):
        found = await as_user("uma").get(COLUMNS, params={"project": asked})
        assert {one["project"] for one in found.json()} == set(both)


@pytest.mark.parametrize("project", ["0", "-1", "x", str(2**63), ""])
async def test_a_bad_project_is_told(as_user, project):
    answer = await as_user("alice").get(COLUMNS, params={"project": project})

    assert (answer.status_code, [*answer.json()]) == (400, ["project"])


async def test_a_list_of_columns_takes_two_statements(as_user, statements):
    async with statements() as sent:
        await as_user("uma").get(COLUMNS)

    assert len(sent) == 2, sent


# ------------------------------------------------------------------- creating


async def test_the_references_example_puts_a_column_in_third_place(as_user):
    alice = as_user("alice")

    made = await make(alice, "Testing", order=3, color="#9c27b0")

    assert made.status_code == 201
    assert (made.json()["status"], made.json()["color"]) == ("testing", "#9c27b0")
    assert (made.json()["order"], made.json()["tickets_count"]) == (3, 0)
    assert await board_of(alice) == [
        ("New", 0), ("In Progress", 1), ("Review", 2), ("Testing", 3), ("Done", 4),
    ]  # fmt: skip


async def test_a_new_column_comes_last_unless_told_otherwise(as_user):
    made = (await make(as_user("alice"), "Archive")).json()

    assert (made["order"], made["color"]) == (4, "#0052cc")


@pytest.mark.parametrize(
    ("sent", "category"),
    [
        ({"name": "Closed"}, "done"),
        ({"name": "RESOLVED"}, "done"),
        ({"name": "completed"}, "done"),
        ({"name": "Backlog", "order": 0}, "todo"),
        ({"name": "Closed", "order": 0}, "done"),
        ({"name": "Waiting"}, "in_progress"),
        ({"name": "Waiting", "category": "done"}, "done"),
        ({"name": "Closed", "category": "todo"}, "todo"),
    ],
)
async def test_a_category_is_derived_unless_it_is_set(as_user, sent, category):
    assert (await make(as_user("alice"), **sent)).json()["category"] == category


@pytest.mark.parametrize("name", ["new", " NEW ", "In progress"])
async def test_a_name_is_given_once_per_board(as_user, column, name):
    created = await make(as_user("alice"), name)
    renamed = await as_user("alice").patch(column("Review"), json={"name": name})

    taken = {"name": ["This project already has a column of that name."]}
    assert (created.status_code, created.json()) == (400, taken)
    assert (renamed.status_code, renamed.json()) == (400, taken)
    assert (await make(as_user("stella"), "Testing")).status_code == 201


async def test_names_that_differ_in_signs_only_get_a_status_each(as_user):
    alice = as_user("alice")

    made = [
        (await make(alice, name)).json() for name in ("In-Progress", "in progress!", "?!", "ახალი")
    ]

    assert [one["status"] for one in made] == ["in_progress_2", "in_progress_3", "column", "ახალი"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", None), ("name", "x" * 256), ("order", -1), ("order", 10**7),
        ("order", "first"), ("color", "red"), ("color", "#fff"), ("color", "#0052cg"),
        ("category", "later"), ("order", True),
    ],
)  # fmt: skip
async def test_a_wrong_value_is_told_by_its_field(as_user, column, field, value):
    before = await everything_stored()

    created = await as_user("alice").post(COLUMNS, json={"name": "Testing", field: value})
    changed = await as_user("alice").patch(column("Review"), json={field: value})

    assert (created.status_code, [*created.json()]) == (400, [field])
    assert (changed.status_code, [*changed.json()]) == (400, [field])
    assert await everything_stored() == before


async def test_several_boards_must_be_told_apart(world, as_user):
    alice = as_user("alice")
    mobile = (await alice.post("/tickets/projects/", json={"name": "M", "key": "MOB"})).json()["id"]

    left_open = await make(alice, "Testing")
    assert (left_open.status_code, [*left_open.json()]) == (400, ["project"])
    assert (await make(alice, "Testing", project=mobile)).json()["project"] == mobile


async def test_of_several_projects_the_one_where_it_is_allowed_is_meant(world, as_user):
    await add_role(world.other_project, world.people["alice"], "admin")

    made = await make(as_user("alice"), "Testing")

    assert (made.status_code, made.json()["project"]) == (201, world.project)


async def test_a_project_that_one_is_not_in_is_none(world, as_user):
    foreign = await make(as_user("alice"), "Testing", project=world.other_project)
    nowhere = await make(as_user("stan"), "Testing")

    message = f'Invalid pk "{world.other_project}" - object does not exist.'
    assert (foreign.status_code, foreign.json()) == (400, {"project": [message]})
    assert (nowhere.status_code, [*nowhere.json()]) == (400, ["project"])


@pytest.mark.parametrize("person", ["adam", "uma", "mona"])
async def test_only_superadmins_touch_the_board(world, as_user, column, person):
    before, client = await everything_stored(), as_user(person)

    answers = [
        await make(client, "Testing"),
        await client.patch(column("New"), json={"name": "Old"}),
        await client.delete(column("Review")),
        await client.post(REORDER, json={"order": [{"id": world.columns["New"], "order": 3}]}),
    ]

    assert [(one.status_code, one.json()["action"]) for one in answers] == [
        (403, "manage_columns")
    ] * 4
    assert await everything_stored() == before


# ------------------------------------------------------------------- changing


async def test_a_new_name_is_a_new_status(world, as_user, column):
    renamed = (await as_user("alice").patch(column("New"), json={"name": "Fresh In"})).json()
    ticket = (await as_user("uma").get(f"/tickets/tickets/{world.printer}/")).json()

    assert (renamed["status"], renamed["category"]) == ("fresh_in", "todo")
    assert (ticket["status"], ticket["column_name"]) == ("fresh_in", "Fresh In")


async def test_a_column_keeps_its_own_name_in_other_letters(as_user, column):
    renamed = await as_user("alice").patch(column("Review"), json={"name": "REVIEW"})

    assert (renamed.json()["name"], renamed.json()["status"]) == ("REVIEW", "review")


async def test_a_column_moves_to_a_place_and_the_others_make_room(as_user, column):
    alice = as_user("alice")

    moved = (await alice.patch(column("Done"), json={"order": 1})).json()

    assert moved["order"] == 1
    assert await board_of(alice) == [("New", 0), ("Done", 1), ("In Progress", 2), ("Review", 3)]


async def test_a_column_that_becomes_done_resolves_its_tickets(world, as_user, column):
    alice, printer = as_user("alice"), f"/tickets/tickets/{world.printer}/"

    await alice.patch(column("New"), json={"category": "done"})
    assert (await alice.get(printer)).json()["resolved_at"] is not None
    await alice.patch(column("New"), json={"category": "todo"})
    assert (await alice.get(printer)).json()["resolved_at"] is None


async def test_a_column_of_an_old_version_is_not_changed(as_user, column):
    alice, review = as_user("alice"), column("Review")
    old = {"If-Match": (await alice.get(review)).headers["etag"]}
    present = (await alice.patch(review, json={"color": "#000000"})).headers["etag"]

    late = await alice.patch(review, json={"name": "Late"}, headers=old)

    assert (late.status_code, late.headers["etag"]) == (412, present)
    assert (await alice.delete(review, headers=old)).status_code == 412
    assert (await alice.get(review, headers={"If-None-Match": present})).status_code == 304


# ------------------------------------------------------------------- deleting


async def test_an_empty_column_is_deleted(as_user, column):
    alice = as_user("alice")

    assert (await alice.delete(column("Review"))).status_code == 204
    assert (await alice.get(column("Review"))).status_code == 404
    assert await board_of(alice) == [("New", 0), ("In Progress", 1), ("Done", 3)]


async def test_a_column_with_tickets_stays_unless_they_go_elsewhere(world, as_user, column):
    alice, printer = as_user("alice"), f"/tickets/tickets/{world.printer}/"

    refused = await alice.delete(column("New"))
    assert refused.status_code == 409
    assert "move_to" in refused.json()["detail"]
    assert (
        await alice.delete(f"{column('New')}?move_to={world.columns['Done']}")
    ).status_code == 204

    ticket, (item,) = (
        (await alice.get(printer)).json(),
        (await alice.get(f"{printer}history/")).json(),
    )
    assert (ticket["column_name"], ticket["resolved_at"] is None) == ("Done", False)
    assert (item["field"], item["old_value"], item["new_value"]) == ("column", "New", "Done")
    assert item["user"]["username"] == "alice"


async def test_tickets_moved_out_of_done_are_open_again(world, as_user, column):
    alice, printer = as_user("alice"), f"/tickets/tickets/{world.printer}/"
    await alice.patch(printer, json={"column": world.columns["Done"]})

    await alice.delete(f"{column('Done')}?move_to={world.columns['Review']}")

    assert (await alice.get(printer)).json()["resolved_at"] is None


async def test_a_column_that_only_others_tickets_are_in_is_not_empty(world, as_user, column):
    await add_ticket(world.other_project, world.other_column, world.people["stella"], "Two")

    assert (await as_user("stella").delete(f"{COLUMNS}{world.other_column}/")).status_code == 409
    assert (await as_user("alice").delete(column("In Progress"))).status_code == 204


@pytest.mark.parametrize("to", ["its own", "foreign", "0", "x", "999999999", str(2**63), ""])
async def test_tickets_move_to_another_column_of_the_same_board_only(world, as_user, column, to):
    special = {"its own": world.columns["New"], "foreign": world.other_column}
    before = await everything_stored()

    answer = await as_user("root").delete(column("New"), params={"move_to": special.get(to, to)})

    assert (answer.status_code, [*answer.json()]) == (400, ["move_to"])
    assert await everything_stored() == before


# ----------------------------------------------------------------- reordering


async def test_reordering_answers_as_the_reference_says(world, as_user):
    alice, ids = as_user("alice"), world.columns
    turned = [ids["New"], ids["Review"], ids["In Progress"]]

    answer = await alice.post(
        REORDER, json={"order": [{"id": id, "order": n} for n, id in enumerate(turned)]}
    )

    assert (answer.status_code, answer.json()) == (200, {"status": "columns reordered"})
    assert await board_of(alice) == [("New", 0), ("Review", 1), ("In Progress", 2), ("Done", 3)]


async def test_some_columns_can_be_reordered_and_the_rest_make_room(world, as_user):
    alice, done = as_user("alice"), {"id": world.columns["Done"], "order": 0}

    await alice.post(REORDER, json={"order": [done]})

    assert await board_of(alice) == [("Done", 0), ("New", 1), ("In Progress", 2), ("Review", 3)]


async def test_a_column_behind_the_last_place_that_can_be_named_is_one_like_any_other(as_user):
    alice = as_user("alice")
    last = await make(alice, "Last", order=1_000_000)
    behind = await make(alice, "Behind it")

    turned = await alice.post(REORDER, json={"order": [{"id": behind.json()["id"], "order": 0}]})
    asked_back = await alice.patch(f"{COLUMNS}{last.json()['id']}/", json={"order": 1})

    assert behind.json()["order"] == 1_000_001
    assert (turned.status_code, asked_back.status_code) == (200, 200)
    assert [name for name, _ in await board_of(alice)][:3] == ["Behind it", "Last", "New"]


async def test_two_that_want_one_place_become_neighbours(world, as_user):
    alice, ids = as_user("alice"), world.columns
    wanted = [{"id": ids["Done"], "order": 1}, {"id": ids["New"], "order": 1}]

    await alice.post(REORDER, json={"order": wanted})

    assert [name for name, _ in await board_of(alice)] == ["Done", "New", "In Progress", "Review"]
    assert len({order for _, order in await board_of(alice)}) == 4


def misorders(world):
    new, done = world.columns["New"], world.columns["Done"]
    return {
        "foreign": [{"id": done, "order": 0}, {"id": world.other_column, "order": 1}],
        "foreign first": [{"id": world.other_column, "order": 1}, {"id": done, "order": 0}],
        "repeated": [{"id": done, "order": 0}, {"id": new, "order": 1}, {"id": done, "order": 2}],
        "not there": [{"id": done, "order": 0}, {"id": 999_999_999, "order": 1}],
        "negative": [{"id": done, "order": -1}],
        "huge": [{"id": 2**63, "order": 0}],
        "nameless": [{"order": 0}],
        "placeless": [{"id": done}],
        "empty": [],
        "a number": 7,
        "null": None,
    }


@pytest.mark.parametrize(
    "kind",
    ["foreign", "foreign first", "repeated", "not there", "negative", "huge", "nameless",
     "placeless", "empty", "a number", "null"],
)  # fmt: skip
async def test_a_wrong_reorder_changes_nothing(world, as_user, kind):
    before = await everything_stored()

    answer = await as_user("alice").post(REORDER, json={"order": misorders(world)[kind]})

    assert (answer.status_code, [*answer.json()]) == (400, ["order"])
    assert await everything_stored() == before


async def test_columns_of_two_boards_are_not_reordered_together(world, as_user):
    await add_role(world.other_project, world.people["alice"], "superadmin")
    before = await everything_stored()

    both = [{"id": world.columns["Done"], "order": 0}, {"id": world.other_column, "order": 1}]
    answer = await as_user("alice").post(REORDER, json={"order": both})

    assert (answer.status_code, [*answer.json()]) == (400, ["order"])
    assert await everything_stored() == before
