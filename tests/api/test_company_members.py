"""Who belongs to a company, and the roles that come and go with it (rulings 6.3, 6.4)."""

import asyncio

import pytest

from tests.api.test_companies import add_member, address, put_into, roles_of
from tests.conftest import client_of
from tests.world import (
    add_company,
    add_person,
    add_project,
    add_role,
    everything_stored,
)
from ticketing_server.core.db import Sql, execute, scalar, scalars

NEWCLIENT = {
    "username": "newclient",
    "email": "newclient@nikora.com",
    "password": "SecurePass123!",
    "first_name": "New",
    "last_name": "Client",
}


@pytest.fixture
def acme(world):
    return world.companies["Acme"]


@pytest.fixture
async def nina(world):
    """Somebody whom alice may know of, without a tie to anything."""
    nina = await add_person("nina")
    await execute(
        Sql("UPDATE account SET created_by = {} WHERE id = {}", world.people["alice"], nina)
    )
    return nina


async def post(client, company, verb, person):
    answer = await client.post(address(company, f"{verb}/"), json={"user_id": person})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def role_in(project, person):
    return (await roles_of(person)).get(project)


# The answers


@pytest.mark.parametrize(
    ("verb", "message", "admins", "users"),
    [
        ("assign_admin", "nina assigned as admin to Acme", ["adam", "nina"], ["mona", "uma"]),
        ("assign_user", "nina assigned to Acme", ["adam"], ["mona", "nina", "uma"]),
        ("remove_admin", "adam removed from Acme admins", [], ["mona", "uma"]),
        ("remove_user", "mona removed from Acme", ["adam"], ["uma"]),
    ],
)
async def test_each_answers_as_in_the_reference(
    world, as_user, acme, nina, verb, message, admins, users
):
    await add_member(acme, world.people["adam"], "admin")
    await add_member(acme, world.people["mona"])
    person = {**world.people, "nina": nina}[message.split()[0]]

    body = await post(as_user("alice"), acme, verb, person)

    assert list(body) == ["message", "company"]
    assert body["message"] == message
    assert [one["username"] for one in body["company"]["admins"]] == admins
    assert [one["username"] for one in body["company"]["users"]] == users
    assert body["company"]["version"] == 2
    assert body["company"] == (await as_user("alice").get(address(acme))).json()


@pytest.mark.parametrize("verb", ["assign_admin", "assign_user", "remove_admin", "remove_user"])
async def test_a_person_who_is_not_to_be_known_is_not_there(world, as_user, acme, verb):
    before = await everything_stored()
    for person in (world.people["stella"], 2**62, 0, 2**80, "abc"):
        answer = await as_user("alice").post(address(acme, f"{verb}/"), json={"user_id": person})
        assert (answer.status_code, list(answer.json())) == (400, ["user_id"])
    without = await as_user("alice").post(address(acme, f"{verb}/"), json={})

    assert without.json() == {"user_id": ["This field is required."]}
    assert await everything_stored() == before


@pytest.mark.parametrize(("verb", "person"), [("remove_admin", "uma"), ("remove_user", "ugo")])
async def test_only_a_member_can_be_removed(world, as_user, acme, verb, person):
    before = await everything_stored()

    answer = await as_user("alice").post(
        address(acme, f"{verb}/"), json={"user_id": world.people[person]}
    )

    assert (answer.status_code, list(answer.json())) == (400, ["user_id"])
    assert await everything_stored() == before


# Every prior state, every operation. A state is the role that counts and the one given by hand,
# and what Acme (the company at hand) and Twin (another of the same project) say of nina.

S, A, U, M = "superadmin", "admin", "user", "manager"

TABLE = [
    # role by hand | of Acme | of Twin | what is done | (role, by hand) afterwards
    # Giving
    (None, "", "", "assign_admin", (A, None)),
    (U, "", "", "assign_admin", (A, U)),
    (A, "", "", "assign_admin", (A, A)),
    (M, "", "", "assign_admin", (A, M)),
    (S, "", "", "assign_admin", (S, S)),
    (None, "u", "", "assign_admin", (A, None)),
    (None, "a", "", "assign_admin", (A, None)),
    (None, "", "u", "assign_admin", (A, None)),
    (None, "", "a", "assign_admin", (A, None)),
    (None, "", "", "assign_user", (U, None)),
    (U, "", "", "assign_user", (U, U)),
    (A, "", "", "assign_user", (A, A)),
    (M, "", "", "assign_user", (M, M)),
    (S, "", "", "assign_user", (S, S)),
    (None, "a", "", "assign_user", (A, None)),
    (None, "u", "", "assign_user", (U, None)),
    (None, "", "a", "assign_user", (A, None)),
    (M, "", "a", "assign_user", (A, M)),
    # Taking back what nothing else justifies
    (None, "a", "", "remove_admin", None),
    (None, "au", "", "remove_admin", (U, None)),
    (None, "a", "u", "remove_admin", (U, None)),
    (None, "a", "a", "remove_admin", (A, None)),
    (U, "a", "", "remove_admin", (U, U)),
    (A, "a", "", "remove_admin", (A, A)),
    (M, "a", "", "remove_admin", (M, M)),
    (M, "au", "", "remove_admin", (M, M)),
    (M, "a", "a", "remove_admin", (A, M)),
    (S, "a", "", "remove_admin", (S, S)),
    (None, "u", "", "remove_user", None),
    (None, "au", "", "remove_user", (A, None)),
    (None, "u", "u", "remove_user", (U, None)),
    (None, "u", "a", "remove_user", (A, None)),
    (U, "u", "", "remove_user", (U, U)),
    (A, "u", "", "remove_user", (A, A)),
    (M, "u", "", "remove_user", (M, M)),
    (M, "u", "a", "remove_user", (A, M)),
    (S, "u", "", "remove_user", (S, S)),
    # The company goes
    (None, "a", "", "delete", None),
    (None, "u", "", "delete", None),
    (None, "au", "u", "delete", (U, None)),
    (None, "u", "a", "delete", (A, None)),
    (U, "a", "", "delete", (U, U)),
    (M, "a", "", "delete", (M, M)),
    (S, "a", "", "delete", (S, S)),
    # The company leaves the project
    (None, "a", "", "leave", None),
    (None, "u", "", "leave", None),
    (None, "a", "u", "leave", (U, None)),
    (None, "u", "a", "leave", (A, None)),
    (A, "u", "", "leave", (A, A)),
    (M, "a", "", "leave", (M, M)),
    (S, "u", "", "leave", (S, S)),
    # Whole sets
    (None, "", "", "set_admins", (A, None)),
    (M, "", "", "set_admins", (A, M)),
    (S, "", "", "set_admins", (S, S)),
    (None, "u", "", "set_admins", (A, None)),
    (None, "", "", "set_users", (U, None)),
    (M, "", "", "set_users", (M, M)),
    (None, "a", "", "set_users", (A, None)),
    (None, "a", "", "no_admins", None),
    (None, "au", "", "no_admins", (U, None)),
    (None, "a", "a", "no_admins", (A, None)),
    (M, "a", "", "no_admins", (M, M)),
    (None, "u", "", "no_users", None),
    (None, "au", "", "no_users", (A, None)),
    (U, "u", "", "no_users", (U, U)),
    (None, "au", "", "nobody", None),
    (None, "a", "", "swap", (U, None)),
    (M, "a", "", "swap", (M, M)),
]  # fmt: skip


def request_for(world, nina, deed):
    return {
        "delete": ("DELETE", "", None),
        "leave": ("PATCH", "", {"project_ids": [world.other_project]}),
        "set_admins": ("PATCH", "", {"admin_ids": [nina]}),
        "set_users": ("PATCH", "", {"user_ids": [nina]}),
        "no_admins": ("PATCH", "", {"admin_ids": []}),
        "no_users": ("PATCH", "", {"user_ids": []}),
        "nobody": ("PATCH", "", {"user_ids": [], "admin_ids": []}),
        "swap": ("PATCH", "", {"user_ids": [nina], "admin_ids": []}),
    }.get(deed, ("POST", f"{deed}/", {"user_id": nina}))


async def set_the_scene(root, world, nina, by_hand, of_acme, of_twin):
    """nina as the table says; what companies gave her, she was given through the API."""
    acme, twin = world.companies["Acme"], await add_company("Twin", world.project)
    if by_hand:
        await add_role(world.project, nina, by_hand)
    verbs = {"a": "assign_admin", "u": "assign_user"}
    for company, relations in ((acme, of_acme), (twin, of_twin)):
        for relation in relations:
            await post(root, company, verbs[relation], nina)


@pytest.mark.parametrize(("by_hand", "of_acme", "of_twin", "deed", "expected"), TABLE)
async def test_a_role_follows_the_companies_and_the_hand(
    world, as_user, acme, nina, by_hand, of_acme, of_twin, deed, expected
):
    root = as_user("root")
    await set_the_scene(root, world, nina, by_hand, of_acme, of_twin)
    method, door, body = request_for(world, nina, deed)
    others = {name: await roles_of(world.people[name]) for name in ("alice", "adam", "ugo")}

    answer = await root.request(method, address(acme, door), json=body)

    assert answer.is_success, answer.text
    assert await role_in(world.project, nina) == expected
    assert {name: await roles_of(world.people[name]) for name in others} == others


async def test_giving_and_taking_reaches_every_project_of_the_company(world, as_user, acme, nina):
    root = as_user("root")
    await put_into(acme, world.other_project)
    await add_role(world.other_project, nina, "manager")

    await post(root, acme, "assign_admin", nina)
    assert await roles_of(nina) == {
        world.project: ("admin", None),
        world.other_project: ("admin", "manager"),
    }
    await post(root, acme, "remove_admin", nina)
    assert await roles_of(nina) == {world.other_project: ("manager", "manager")}


async def test_a_new_project_gives_all_members_their_roles(world, as_user, acme, nina):
    root, both = as_user("root"), [world.project, world.other_project]
    await add_member(acme, nina, "admin")
    await add_member(acme, world.people["stella"])

    joined = await root.patch(address(acme), json={"project_ids": both})

    assert joined.json()["version"] == 2
    assert await role_in(world.other_project, nina) == ("admin", None)
    assert await role_in(world.other_project, world.people["uma"]) == ("user", None)
    assert await role_in(world.other_project, world.people["stella"]) == ("superadmin",) * 2
    # Where the company was before, nothing is given anew.
    assert await role_in(world.project, nina) is None

    await root.patch(address(acme), json={"project_ids": [world.project]})
    assert await role_in(world.other_project, world.people["uma"]) is None
    assert await role_in(world.other_project, world.people["stella"]) == ("superadmin",) * 2


async def test_the_roles_of_members_who_go_as_the_company_moves(world, as_user, acme, nina):
    root = as_user("root")
    await post(root, acme, "assign_user", nina)

    moved = {"project_ids": [world.other_project], "user_ids": [], "admin_ids": [nina]}
    await root.patch(address(acme), json=moved)

    assert await roles_of(nina) == {world.other_project: ("admin", None)}
    assert await roles_of(world.people["uma"]) == {world.project: ("user", "user")}


async def test_a_role_lowered_by_hand_is_not_raised_by_a_removal(world, as_user, acme, nina):
    alice = as_user("alice")
    twin = await add_company("Twin", world.project)
    for company in (acme, twin):
        await post(alice, company, "assign_admin", nina)
    lowered = {"project_id": world.project, "role": "user"}
    await alice.post(f"/tickets/users/{nina}/assign_role/", json=lowered)

    await post(alice, acme, "remove_admin", nina)
    assert await role_in(world.project, nina) == ("user", "user")
    await alice.patch(address(twin), json={"admin_ids": [nina], "name": "Twins"})
    assert await role_in(world.project, nina) == ("user", "user")
    await post(alice, twin, "assign_admin", nina)
    assert await role_in(world.project, nina) == ("admin", "user")


async def test_a_role_removed_by_hand_comes_back_only_by_assigning(world, as_user, acme, nina):
    alice = as_user("alice")
    twin = await add_company("Twin", world.project)
    await post(alice, twin, "assign_admin", nina)
    await post(alice, acme, "assign_user", nina)
    await execute(Sql("DELETE FROM user_role WHERE account = {}", nina))

    await post(alice, acme, "remove_user", nina)
    assert await role_in(world.project, nina) is None
    # Whoever belongs to it already can be named again, though alice might not know them now.
    await execute(Sql("UPDATE account SET created_by = NULL WHERE id = {}", nina))
    renamed = await alice.patch(address(twin), json={"admin_ids": [nina]})
    assert renamed.status_code == 200


async def test_an_admin_of_a_company_can_at_once_do_what_admins_do(world, as_user, acme, nina):
    world.people["nina"] = nina
    client = as_user("nina")
    printer = f"/tickets/tickets/{world.printer}/"
    assert (await client.get(printer)).status_code == 404

    await post(as_user("alice"), acme, "assign_admin", nina)
    taken = await client.patch(printer, json={"assignee_ids": [nina]})
    assert taken.json()["assignee_ids"] == [nina]

    await post(as_user("alice"), acme, "remove_admin", nina)
    assert (await client.get(printer)).status_code == 404


async def test_assigning_costs_the_same_for_any_number_of_projects(
    world, as_user, acme, nina, statements
):
    root = as_user("root")

    async def cost():
        async with statements() as sent:
            await post(root, acme, "assign_admin", nina)
            await post(root, acme, "remove_admin", nina)
        return len(sent)

    of_one = await cost()
    for number in range(8):
        project, _ = await add_project(f"P{number}", world.people["alice"])
        await put_into(acme, project)

    assert await cost() == of_one <= 24


# New accounts


async def test_a_new_client_answers_as_in_the_reference(world, as_user, acme, app):
    answer = await as_user("alice").post(address(acme, "create_user/"), json=NEWCLIENT)

    body = answer.json()
    assert answer.status_code == 201
    user = {key: value for key, value in NEWCLIENT.items() if key != "password"}
    assert body == {
        "message": "User newclient created and assigned to Acme",
        "user": {"id": body["user"]["id"], **user},
    }
    id = body["user"]["id"]
    assert await roles_of(id) == {world.project: ("user", None)}
    assert "newclient" in [
        one["username"] for one in (await as_user("alice").get(address(acme))).json()["users"]
    ]
    created = await scalars(
        Sql("SELECT unnest(ARRAY[created_in, created_by]) FROM account WHERE id = {}", id), int
    )
    assert created == [world.project, world.people["alice"]]
    async with client_of(app) as client:
        credentials = {"username": "newclient", "password": NEWCLIENT["password"]}
        assert (await client.post("/tickets/auth/login/", json=credentials)).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "UMA"),
        ("email", "Uma@example.com"),
        ("username", "x"),
        ("email", "nobody"),
        ("password", "newclient99"),
        ("password", "password12"[:8]),
    ],
)
async def test_a_name_that_is_taken_is_nobody_to_attach(world, as_user, acme, field, value):
    before = await everything_stored()

    answer = await as_user("alice").post(
        address(acme, "create_user/"), json={**NEWCLIENT, field: value}
    )

    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert await everything_stored() == before


async def test_a_new_client_has_no_flags_whoever_asks(world, as_user, acme):
    flags = {"is_superuser": True, "is_staff": True, "project": world.other_project}
    for person, name in (("alice", "one"), ("root", "two")):
        data = {**NEWCLIENT, "username": f"client-{name}", "email": f"{name}@acme.com", **flags}
        answer = await as_user(person).post(address(acme, "create_user/"), json=data)
        assert answer.status_code == 201

    flagged = Sql("SELECT count(*) FROM account WHERE superuser OR is_staff OR admin")
    assert await scalar(flagged, int) == 2
    elsewhere = Sql("SELECT count(*) FROM account WHERE created_in = {}", world.other_project)
    assert await scalar(elsewhere, int) == 0


async def test_two_clients_of_one_name_at_once_are_one(world, as_user, acme):
    alice = as_user("alice")

    answers = await asyncio.gather(
        *(alice.post(address(acme, "create_user/"), json=NEWCLIENT) for _ in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
    assert await scalar(Sql("SELECT count(*) FROM account WHERE created_in > 0"), int) == 1


# At the same time


async def test_two_companies_that_let_go_at_once_leave_no_role(world, as_user, acme, nina):
    alice = as_user("alice")
    twins = [await add_company(f"Twin {number}", world.project) for number in range(6)]
    for company in twins:
        await post(alice, company, "assign_admin", nina)

    answers = await asyncio.gather(
        *(alice.delete(address(company)) for company in twins[:3]),
        *(
            alice.post(address(company, "remove_admin/"), json={"user_id": nina})
            for company in twins[3:]
        ),
    )

    assert {answer.status_code for answer in answers} == {200, 204}
    assert await roles_of(nina) == {}


async def test_companies_of_the_same_projects_do_not_wait_in_a_circle(world, as_user, acme, nina):
    root = as_user("root")
    globex = world.companies["Globex"]
    await put_into(globex, world.other_project)
    await put_into(acme, world.other_project)
    people = [nina, *world.people.values()]
    requests = [
        root.post(address(company, f"{verb}/"), json={"user_id": person})
        for company in (acme, globex)
        for person in people
        for verb in ("assign_admin", "assign_user")
    ]

    answers = await asyncio.gather(*requests)

    assert {answer.status_code for answer in answers} == {200}
    assert await roles_of(nina) == {
        world.project: ("admin", None),
        world.other_project: ("admin", None),
    }


async def test_whoever_was_judged_by_old_projects_is_asked_to_try_again(world, as_user, acme):
    root, alice = as_user("root"), as_user("alice")
    moves = [
        root.patch(address(acme), json={"project_ids": [world.project, world.other_project]}),
        *(alice.patch(address(acme), json={"phone": str(number)}) for number in range(5)),
    ]

    moved, *answers = await asyncio.gather(*moves)

    assert moved.status_code in {200, 409}
    assert {answer.status_code for answer in answers} <= {200, 403, 409}
    places = (await root.get(address(acme))).json()["project_ids"]
    assert len(places) == (2 if moved.status_code == 200 else 1)
