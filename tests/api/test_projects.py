"""Projects over HTTP: who opens one, what it begins with, what goes with it (rulings 3.1-3.3)."""

import pytest

from tests.world import add_company, add_role, everything_stored
from ticketing_server.core.db import Sql, execute, scalars

PROJECTS = "/tickets/projects/"
MOBILE = {"name": "Mobile App", "key": "MOB", "description": "Mobile application project"}


@pytest.fixture
def desk(world):
    return f"{PROJECTS}{world.project}/"


async def give_up_roles(world, person):
    await execute(Sql("DELETE FROM user_role WHERE account = {}", world.people[person]))


async def test_the_references_example_opens_a_project(world, as_user):
    answer = await as_user("alice").post(PROJECTS, json=MOBILE)

    project = answer.json()
    assert answer.status_code == 201
    assert {field: project[field] for field in MOBILE} == MOBILE
    assert project["created_by"] == world.people["alice"]
    assert [*project] == [
        "id", "name", "key", "description", "created_by", "created_at", "updated_at",
        "role", "widgets", "version",
    ]  # fmt: skip
    assert (await as_user("alice").get(f"{PROJECTS}{project['id']}/")).json() == project


async def test_who_opens_a_project_is_its_superadmin(as_user):
    project = (await as_user("stan").post(PROJECTS, json=MOBILE)).json()

    address = f"{PROJECTS}{project['id']}/"
    assert project["role"] == "superadmin"
    assert (await as_user("stan").patch(address, json={"name": "M"})).status_code == 200
    assert (await as_user("alice").get(address)).status_code == 404
    (member,) = (await as_user("stan").get(f"{address}members/")).json()
    assert (member["username"], member["role"]) == ("stan", "superadmin")


async def test_a_project_begins_with_four_columns(as_user):
    project = (await as_user("alice").post(PROJECTS, json=MOBILE)).json()["id"]

    board = (await as_user("alice").get(f"/tickets/columns/?project={project}")).json()

    assert [
        [column[key] for key in ("name", "status", "category", "order", "color")]
        for column in board
    ] == [
        ["New", "new", "todo", 0, "#0052cc"],
        ["In Progress", "in_progress", "in_progress", 1, "#ff9800"],
        ["Review", "review", "in_progress", 2, "#9c27b0"],
        ["Done", "done", "done", 3, "#36b37e"],
    ]


@pytest.mark.parametrize("person", ["root", "alice", "stella", "stan"])
async def test_superusers_superadmins_and_newcomers_open_projects(as_user, person):
    assert (await as_user(person).post(PROJECTS, json=MOBILE)).status_code == 201


@pytest.mark.parametrize("person", ["adam", "uma", "mona"])
async def test_whoever_has_a_lower_role_opens_none(as_user, person):
    before = await everything_stored()

    answer = await as_user(person).post(PROJECTS, json=MOBILE)

    assert answer.status_code == 403
    assert answer.json()["action"] == "create_project"
    assert await everything_stored() == before


async def test_a_clients_person_without_a_role_opens_none(world, as_user):
    await give_up_roles(world, "uma")

    assert (await as_user("uma").post(PROJECTS, json=MOBILE)).status_code == 403


async def test_a_superadmin_of_one_and_user_of_another_opens_a_third(world, as_user):
    await add_role(world.other_project, world.people["alice"], "user")

    assert (await as_user("alice").post(PROJECTS, json=MOBILE)).status_code == 201


@pytest.mark.parametrize(
    "key", ["", "M", "mob", "1MOB", "MOB-1", "ABCDEFGHIJK", "МОВ", "MO\nB", None, 12]
)
async def test_a_key_is_two_to_ten_capitals_and_digits(as_user, desk, key):
    created = await as_user("alice").post(PROJECTS, json={**MOBILE, "key": key})
    changed = await as_user("alice").patch(desk, json={"key": key})

    assert (created.status_code, [*created.json()]) == (400, ["key"])
    assert (changed.status_code, [*changed.json()]) == (400, ["key"])


async def test_a_key_is_given_once_on_the_whole_server(as_user, desk):
    taken = {"key": ["A project with this key already exists."]}

    created = await as_user("stan").post(PROJECTS, json={**MOBILE, "key": "DESK"})
    changed = await as_user("stella").post(PROJECTS, json={"name": "Mine", "key": "DESK"})

    assert (created.status_code, created.json()) == (400, taken)
    assert (changed.status_code, changed.json()) == (400, taken)
    assert (await as_user("stan").get(PROJECTS)).json() == []


async def test_a_project_needs_a_name_and_a_key(as_user):
    answer = await as_user("alice").post(PROJECTS, json={"name": " ", "created_by": 1})

    assert answer.json() == {
        "name": ["This field may not be blank."],
        "key": ["This field is required."],
    }


async def test_a_key_stays_once_there_are_tickets(world, as_user, desk):
    alice = as_user("alice")

    refused = await alice.patch(desk, json={"key": "HELP", "name": "Help"})
    assert refused.status_code == 409
    assert refused.json() == {"detail": "The key cannot change once the project has tickets."}
    assert (await alice.patch(desk, json={"key": "DESK", "name": "Same"})).status_code == 200

    await execute(Sql("DELETE FROM ticket WHERE project = {}", world.project))
    changed = await alice.patch(desk, json={"key": "HELP"})
    assert (changed.json()["key"], changed.json()["name"]) == ("HELP", "Same")


async def test_everybody_is_shown_their_own_projects_by_name(world, as_user):
    await add_role(world.other_project, world.people["uma"], "manager")
    await as_user("alice").post(PROJECTS, json={"name": "Archive", "key": "ARC"})

    def roles(answer):
        return [(project["name"], project["role"]) for project in answer.json()]

    assert roles(await as_user("alice").get(PROJECTS)) == [
        ("Archive", "superadmin"), ("Desk", "superadmin"),
    ]  # fmt: skip
    assert roles(await as_user("uma").get(PROJECTS)) == [("Desk", "user"), ("Other", "manager")]
    assert roles(await as_user("stan").get(PROJECTS)) == []


async def test_the_list_is_a_bare_array_that_can_be_cut(as_user):
    get, there = as_user("root").get, "http://localhost/api/tickets/projects/?page_size=1&page=1"

    whole, second = await get(PROJECTS), await get(f"{PROJECTS}?page=2&page_size=1")

    assert (len(whole.json()), whole.headers["x-total-count"]) == (2, "2")
    assert "link" not in whole.headers
    assert (second.json(), second.headers["x-total-count"]) == (whole.json()[1:], "2")
    assert f'<{there}>; rel="prev"' in second.headers["link"]
    assert (await get(f"{PROJECTS}?page=3&page_size=1")).status_code == 404
    assert (await get(f"{PROJECTS}?zebra=1")).headers["x-unknown-parameters"] == "zebra"


async def test_a_project_of_an_old_version_is_not_changed(as_user, desk):
    alice = as_user("alice")
    old = (await alice.get(desk)).headers["etag"]
    present = (await alice.patch(desk, json={"description": "New"})).headers["etag"]

    late = await alice.patch(desk, json={"name": "Late"}, headers={"If-Match": old})
    gone = await alice.delete(desk, headers={"If-Match": old})

    assert (late.status_code, gone.status_code) == (412, 412)
    assert late.headers["etag"] == gone.headers["etag"] == present
    assert (await alice.get(desk, headers={"If-None-Match": present})).status_code == 304
    assert (await alice.delete(desk, headers={"If-Match": present})).status_code == 204


async def test_deleting_a_project_takes_everything_in_it(world, as_user, desk):
    alice, printer = as_user("alice"), f"/tickets/tickets/{world.printer}/"
    await alice.patch(printer, json={"tag_names": ["ink"], "assignee_ids": [world.people["adam"]]})
    await alice.post(f"{printer}toggle_follow/")
    await alice.post(f"{desk}invitations/", json={"role": "user"})
    shared = await add_company("Initech", world.project, world.people["ugo"])
    await execute(
        Sql(
            "INSERT INTO company_project (project, company) VALUES ({}, {})",
            world.other_project,
            shared,
        )
    )

    assert (await alice.delete(desk)).status_code == 204

    stored = await everything_stored()
    left = await scalars(Sql("SELECT name FROM company ORDER BY name"), str)
    members_of = await scalars(Sql("SELECT DISTINCT company FROM company_member"), int)
    assert left == ["Initech", "Umbrella"]
    assert set(members_of) <= {shared, world.other_company}
    mentions = f'"project":{world.project},'
    kept_for_minutes, kept_for_good = "project_change", "audit_entry"
    mentioning = {table for table, rows in stored.items() if mentions in rows}
    assert mentioning == {kept_for_minutes, kept_for_good}
    assert (await as_user("uma").get(PROJECTS)).json() == []


async def test_deleting_a_project_leaves_its_neighbours_alone(world, as_user, desk):
    await as_user("alice").delete(desk)

    assert (await as_user("alice").get(desk)).status_code == 404
    assert (await as_user("stella").get("/tickets/tickets/")).json()["count"] == 1
    assert len((await as_user("stella").get("/tickets/columns/")).json()) == 4


async def test_a_list_of_projects_takes_two_statements(as_user, statements):
    async with statements() as sent:
        await as_user("root").get(PROJECTS)

    assert len(sent) == 2, sent
