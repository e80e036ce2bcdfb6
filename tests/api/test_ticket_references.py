"""What a ticket points at: its assignees, its company, its tags (rulings 4.6, 4.7)."""

import pytest

from tests.world import add_company, add_role, everything_stored
from ticketing_server.core.db import Sql, scalar

TICKETS = "/tickets/tickets/"


@pytest.fixture
def printer(world):
    return f"{TICKETS}{world.printer}/"


async def add_tag(project, name):
    return await scalar(
        Sql("INSERT INTO tag (project, name) VALUES ({}, {}) RETURNING id", project, name), int
    )


def problem(answer):
    return answer.status_code, [*answer.json()]


# ------------------------------------------------------------------ assignees


async def test_assignees_replace_the_whole_set_and_keep_their_order(world, as_user, printer):
    alice, adam, uma = (world.people[name] for name in ("alice", "adam", "uma"))
    patch = as_user("alice").patch

    both = await patch(printer, json={"assignee_ids": [uma, adam, uma]})
    assert both.json()["assignee_ids"] == [uma, adam]
    other = await patch(printer, json={"assignee_ids": [adam, alice]})
    assert other.json()["assignee_ids"] == [adam, alice]
    assert (await patch(printer, json={"assignee_ids": []})).json()["assignee_ids"] == []


@pytest.mark.parametrize("person", ["mona", "stella", "stan", "root"])
async def test_only_those_who_work_in_the_project_are_assigned(world, as_user, printer, person):
    before = await everything_stored()
    wrong = {"assignee_ids": [world.people["adam"], world.people[person]]}

    refused = await as_user("alice").patch(printer, json=wrong)
    created = await as_user("alice").post(
        TICKETS, json={"name": "Mouse", "column": world.columns["New"], **wrong}
    )

    message = f'Invalid pk "{world.people[person]}" - object does not exist.'
    assert (refused.status_code, refused.json()) == (400, {"assignee_ids": [message]})
    assert problem(created) == (400, ["assignee_ids"])
    assert await everything_stored() == before


@pytest.mark.parametrize(
    "ids", [[0], [-1], [2**63], ["x"], [None], "1", None, [[1]], [999_999_999]]
)
async def test_assignee_ids_is_a_list_of_people(as_user, printer, ids):
    answer = await as_user("alice").patch(printer, json={"assignee_ids": ids})

    assert problem(answer) == (400, ["assignee_ids"])


# -------------------------------------------------------------------- company


async def test_the_only_company_of_a_user_is_the_default(world, as_user):
    new = {"name": "Mouse", "column": world.columns["New"]}

    created = (await as_user("uma").post(TICKETS, json=new)).json()

    assert (created["company"], created["company_name"]) == (world.companies["Acme"], "Acme")
    assert (await as_user("alice").post(TICKETS, json=new)).json()["company"] is None


async def test_of_two_companies_none_is_the_default(world, as_user):
    new = {"name": "Mouse", "column": world.columns["New"]}
    initech = await add_company("Initech", world.project, world.people["uma"])

    assert (await as_user("uma").post(TICKETS, json=new)).json()["company"] is None
    named = await as_user("uma").post(TICKETS, json={**new, "company": initech})
    assert named.json()["company_name"] == "Initech"


async def test_a_company_of_another_project_is_no_default(world, as_user):
    await add_role(world.other_project, world.people["uma"], "user")

    created = await as_user("uma").post(
        TICKETS, json={"name": "Mouse", "column": world.other_column}
    )

    assert (created.status_code, created.json()["company"]) == (201, None)


async def test_a_user_names_only_their_own_company(world, as_user, printer):
    before = await everything_stored()
    globex = {"company": world.companies["Globex"]}

    patched = await as_user("uma").patch(printer, json=globex)
    created = await as_user("uma").post(
        TICKETS, json={"name": "Spy", "column": world.columns["New"], **globex}
    )

    assert problem(patched) == problem(created) == (400, ["company"])
    assert await everything_stored() == before
    assert (await as_user("alice").patch(printer, json=globex)).json()["company_name"] == "Globex"


async def test_a_company_of_another_project_is_no_company(world, as_user, printer):
    theirs = await add_company("Hooli", world.other_project)

    refused = await as_user("alice").patch(printer, json={"company": theirs})

    assert refused.json() == {"company": [f'Invalid pk "{theirs}" - object does not exist.']}
    assert problem(await as_user("alice").patch(printer, json={"company": 0})) == (400, ["company"])


async def test_a_company_can_be_cleared(as_user, printer):
    cleared = (await as_user("alice").patch(printer, json={"company": None})).json()

    assert (cleared["company"], cleared["company_name"]) == (None, None)


# ----------------------------------------------------------------------- tags


async def test_a_superadmin_makes_tags_by_naming_them(world, as_user, printer):
    backend = await add_tag(world.project, "Backend")

    tagged = await as_user("alice").patch(
        printer, json={"tag_names": ["urgent", "BACKEND", "Urgent"]}
    )

    assert tagged.json()["tag_names"] == ["urgent", "Backend"]
    assert tagged.json()["tag_ids"][1] == backend
    made = Sql("SELECT count(*) FROM tag WHERE project = {}", world.project)
    assert await scalar(made, int) == 2


@pytest.mark.parametrize("person", ["adam", "uma"])
async def test_others_are_told_which_tags_there_are_not(world, as_user, person):
    await add_tag(world.project, "backend")
    before = await everything_stored()

    answer = await as_user(person).post(
        TICKETS,
        json={
            "name": "Mouse",
            "column": world.columns["New"],
            "tag_names": ["backend", "new one", "ახალი"],
        },
    )

    assert answer.status_code == 400
    assert answer.json() == {"tag_names": ['There are no tags named "new one", "ახალი".']}
    assert await everything_stored() == before


async def test_a_user_tags_with_what_there_is(world, as_user, printer):
    backend, urgent = (
        await add_tag(world.project, "backend"),
        await add_tag(world.project, "urgent"),
    )
    uma = as_user("uma")

    by_name = (await uma.patch(printer, json={"tag_names": ["Urgent", "backend"]})).json()
    by_id = (await uma.patch(printer, json={"tag_ids": [backend, backend]})).json()
    none = (await uma.patch(printer, json={"tag_names": []})).json()

    assert (by_name["tag_ids"], by_name["tag_names"]) == ([urgent, backend], ["urgent", "backend"])
    assert (by_id["tag_ids"], by_id["tag_names"]) == ([backend], ["backend"])
    assert (none["tag_ids"], none["tag_names"]) == ([], [])


async def test_tags_are_named_by_id_or_by_name(world, as_user, printer):
    backend = await add_tag(world.project, "backend")

    both = {"tag_ids": [backend], "tag_names": ["backend"]}
    emptied = {"tag_ids": [], "tag_names": ["backend"]}

    assert problem(await as_user("alice").patch(printer, json=both)) == (400, ["tag_names"])
    assert problem(await as_user("alice").patch(printer, json=emptied)) == (400, ["tag_names"])
    assert (await as_user("alice").get(printer)).json()["tag_ids"] == []


async def test_a_tag_of_another_project_is_no_tag(world, as_user, printer):
    secret = await add_tag(world.other_project, "secret")

    by_id = await as_user("alice").patch(printer, json={"tag_ids": [secret]})
    by_name = await as_user("adam").patch(
        printer, json={"assignee_ids": [], "tag_names": ["secret"]}
    )

    assert by_id.json() == {"tag_ids": [f'Invalid pk "{secret}" - object does not exist.']}
    assert by_name.status_code == 403
    assert problem(await as_user("uma").patch(printer, json={"tag_names": ["secret"]}))[0] == 400


@pytest.mark.parametrize("asked", ["İ", "ẞ", "STRASSE", "ς", "K", "ᲝᲠᲘ", "ﬁ"])
async def test_a_tag_named_in_odd_letters_is_one_tag_in_the_end(world, as_user, printer, asked):
    here = [asked.lower(), asked, asked.upper(), asked.casefold(), asked.title()]

    first = await as_user("alice").patch(printer, json={"tag_names": here})
    again = await as_user("adam").post(
        TICKETS, json={"name": "Mouse", "column": world.columns["New"], "tag_names": here}
    )

    assert (first.status_code, again.status_code) == (200, 201)
    assert again.json()["tag_ids"] == first.json()["tag_ids"]


async def test_everything_that_a_ticket_points_at_is_checked_at_once(world, as_user, printer):
    wrong = {
        "assignee_ids": [world.people["mona"]],
        "company": 999_999,
        "tag_ids": [999_999],
        "column": world.other_column,
        "start_date": "2030-01-02",
        "due_date": "2030-01-01",
    }

    answer = await as_user("alice").patch(printer, json=wrong)

    assert answer.status_code == 400
    assert {*answer.json()} == {*wrong} - {"start_date"}
