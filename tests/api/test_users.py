"""Making accounts, giving and taking roles, and who is in a project (rulings 6.7 to 6.9)."""

from typing import Any

import pytest

from tests.world import add_company, add_project, add_role
from ticketing_server.core.db import Sql, execute, row, scalar

USERS, PROJECTS = "/tickets/users/", "/tickets/projects/"
NEW = {
    "username": "newuser",
    "email": "newuser@example.com",
    "password": "SecurePass123!",
    "first_name": "New",
    "last_name": "User",
    "is_active": True,
    "is_staff": False,
}


def assigning(world: Any, name: str) -> str:
    return f"{USERS}{world.people[name]}/assign_role/"


def removing(world: Any, name: str) -> str:
    return f"{USERS}{world.people[name]}/remove_role/"


async def role_of(world: Any, name: str, project: int | None = None) -> str | None:
    held = Sql(
        "SELECT (SELECT role FROM user_role WHERE project = {} AND account = {}) AS role",
        project or world.project,
        world.people[name],
    )
    return await scalar(held, str | None)


# Making an account


async def test_a_new_user_answers_as_in_the_reference(world, as_user):
    answer = await as_user("root").post(USERS, json={**NEW, "is_superuser": True})

    body = answer.json()
    assert answer.status_code == 201
    assert body == {
        "id": body["id"],
        "username": "newuser",
        "email": "newuser@example.com",
        "first_name": "New",
        "last_name": "User",
        "is_active": True,
        "is_staff": False,
        "is_superuser": True,
        "date_joined": body["date_joined"],
        "last_login": None,
        "project_roles": [],
        "administered_companies": [],
        "member_companies": [],
        "version": 1,
    }


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("root", 201),
        ("stan", 201),
        ("alice", 201),
        ("stella", 201),
        ("adam", 403),
        ("uma", 403),
        ("mona", 403),
    ],
)
async def test_superusers_staff_and_superadmins_make_accounts(world, as_user, name, status):
    answer = await as_user(name).post(USERS, json=NEW)

    made = await scalar(Sql("SELECT count(*) FROM account WHERE username = 'newuser'"), int)
    assert (answer.status_code, made) == (status, int(status == 201))


async def test_who_holds_no_role_makes_no_accounts(world, as_user):
    await execute(Sql("DELETE FROM user_role WHERE account = {}", world.people["uma"]))

    answer = await as_user("uma").post(USERS, json=NEW)

    assert answer.status_code == 403
    assert answer.json()["action"] == "manage_members"
    assert answer.json()["roles_allowed"] == ["superadmin"]


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
async def test_only_superusers_set_the_global_flags(world, as_user, flag):
    for name, status in (("alice", 403), ("stan", 403), ("root", 201)):
        answer = await as_user(name).post(USERS, json={**NEW, flag: True})
        assert answer.status_code == status

    assert answer.json()[flag] is True


async def test_an_account_remembers_by_whom_and_where_it_was_made(world, as_user):
    made = (await as_user("alice").post(USERS, json=NEW)).json()["id"]

    origin = Sql("SELECT created_by, created_in FROM account WHERE id = {}", made)
    assert await row(origin, dict[str, int]) == {
        "created_by": world.people["alice"],
        "created_in": world.project,
    }


async def test_staff_make_accounts_in_no_project_unless_they_name_one(world, as_user):
    await as_user("root").post(USERS, json=NEW)
    other = {**NEW, "username": "other", "email": "other@example.com"}
    await as_user("root").post(USERS, json={**other, "project": world.project})

    made = Sql("SELECT array_agg(created_in ORDER BY id) FROM account WHERE created_by IS NOT NULL")
    assert await scalar(made, list[int | None]) == [None, world.project]


async def test_with_several_projects_the_new_users_must_be_named(world, as_user):
    second, _ = await add_project("SECOND", world.people["alice"])

    unnamed = await as_user("alice").post(USERS, json=NEW)
    named = await as_user("alice").post(USERS, json={**NEW, "project": second})

    assert (unnamed.status_code, list(unnamed.json())) == (400, ["project"])
    assert named.status_code == 201


@pytest.mark.parametrize("name", ["alice", "stan", "root"])
async def test_a_project_out_of_sight_is_no_place_for_a_new_user(world, as_user, name):
    project = 999 if name == "root" else world.other_project

    answer = await as_user(name).post(USERS, json={**NEW, "project": project})

    assert answer.status_code == 400
    assert answer.json() == {"project": [f'Invalid pk "{project}" - object does not exist.']}


async def test_a_superadmin_of_one_project_makes_nobody_in_another(world, as_user):
    await add_role(world.other_project, world.people["alice"], "admin")

    answer = await as_user("alice").post(USERS, json={**NEW, "project": world.other_project})

    assert answer.status_code == 403
    assert (answer.json()["role"], answer.json()["roles_allowed"]) == ("admin", ["superadmin"])


async def test_a_new_users_wrong_fields_are_named_at_once(world, as_user):
    wrong = {"username": "UMA", "email": "Adam@example.com", "password": "short"}

    taken = await as_user("alice").post(USERS, json={**NEW, **wrong, "password": NEW["password"]})
    misshapen = await as_user("alice").post(USERS, json={**wrong, "email": "nowhere"})

    assert (taken.status_code, set(taken.json())) == (400, {"username", "email"})
    assert (misshapen.status_code, set(misshapen.json())) == (400, {"email", "password"})


# Giving and taking roles


async def test_assigning_a_role_answers_as_in_the_reference(world, as_user):
    path, body = assigning(world, "uma"), {"project_id": world.project, "role": "admin"}

    answer = await as_user("alice").post(path, json=body)

    role = answer.json()["user_role"]
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "uma assigned as admin in Desk",
        "user_role": {
            "id": role["id"],
            "user": world.people["uma"],
            "project": world.project,
            "role": "admin",
            "assigned_at": role["assigned_at"],
            "assigned_by": world.people["alice"],
        },
        "created": False,
    }
    assert await role_of(world, "uma") == "admin"


async def test_a_first_role_is_created(world, as_user):
    body = {"project_id": world.project, "role": "manager"}

    answer = await as_user("root").post(assigning(world, "stan"), json=body)

    assert (answer.status_code, answer.json()["created"]) == (201, True)
    assert await role_of(world, "stan") == "manager"


async def test_removing_a_role_answers_as_in_the_reference(world, as_user):
    path, body = removing(world, "mona"), {"project_id": world.project}

    removed = await as_user("alice").post(path, json=body)
    again = await as_user("root").post(path, json=body)

    assert (removed.status_code, removed.json()) == (200, {"message": "Role removed for mona"})
    assert await role_of(world, "mona") is None
    assert again.status_code == 404


@pytest.mark.parametrize("name", ["adam", "mona"])
async def test_other_roles_neither_give_nor_take(world, as_user, name):
    body = {"project_id": world.project, "role": "superadmin"}

    for path in (assigning(world, "uma"), removing(world, "uma")):
        answer = await as_user(name).post(path, json=body)
        assert answer.status_code == 403
        assert answer.json()["roles_allowed"] == ["superadmin"]
    assert await role_of(world, "uma") == "user"


async def test_role_user_neither_gives_nor_takes(world, as_user):
    body = {"project_id": world.project, "role": "user"}

    assert (await as_user("uma").post(assigning(world, "adam"), json=body)).status_code == 403
    assert (await as_user("uma").post(removing(world, "ugo"), json=body)).status_code == 404
    assert await role_of(world, "adam") == "admin"


@pytest.mark.parametrize("name", ["alice", "adam", "uma", "root"])
async def test_nobody_changes_their_own_role(world, as_user, name):
    await add_role(world.project, world.people["root"], "user")
    before = await role_of(world, name)
    body = {"project_id": world.project, "role": "superadmin"}

    for path in (assigning(world, name), removing(world, name)):
        assert (await as_user(name).post(path, json=body)).status_code == 403
    assert await role_of(world, name) == before


async def test_a_person_out_of_sight_is_not_there_to_be_given_a_role(world, as_user):
    body = {"project_id": world.project, "role": "user"}

    for path in (assigning(world, "stella"), removing(world, "stella"), f"{USERS}999/assign_role/"):
        answer = await as_user("alice").post(path, json=body)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize("name", ["alice", "stan"])
async def test_a_project_out_of_sight_is_named_like_one_that_does_not_exist(world, as_user, name):
    for project in (world.other_project, 999):
        body = {"project_id": project, "role": "user"}
        answer = await as_user(name).post(assigning(world, "uma"), json=body)
        assert answer.status_code == 400
        assert answer.json() == {"project_id": [f'Invalid pk "{project}" - object does not exist.']}
    assert await role_of(world, "uma", world.other_project) is None


async def test_a_project_keeps_a_superadmin(world, as_user):
    body = {"project_id": world.project, "role": "user"}

    for path in (assigning(world, "alice"), removing(world, "alice")):
        answer = await as_user("root").post(path, json=body)
        assert answer.status_code == 409
        assert answer.json() == {"detail": "A project must keep at least one superadmin."}
    await as_user("alice").post(assigning(world, "adam"), json={**body, "role": "superadmin"})
    assert (await as_user("adam").post(removing(world, "alice"), json=body)).status_code == 200


@pytest.mark.parametrize("role", ["owner", "", None, 1, "SUPERADMIN"])
async def test_a_role_is_one_of_four(world, as_user, role):
    body = {"project_id": world.project, "role": role}

    answer = await as_user("alice").post(assigning(world, "uma"), json=body)

    assert (answer.status_code, list(answer.json())) == (400, ["role"])


async def test_a_broken_role_names_everything_that_is_wrong(world, as_user):
    answer = await as_user("alice").post(assigning(world, "uma"), json={"project_id": "x"})

    assert answer.status_code == 400
    assert set(answer.json()) == {"project_id", "role"}


# Reading roles and members


async def test_roles_answer_as_in_the_reference(world, as_user):
    answer = await as_user("alice").get(f"{USERS}{world.people['adam']}/roles/")

    (role,) = answer.json()["roles"]
    assert role == {
        "id": role["id"],
        "project_id": world.project,
        "project_name": "Desk",
        "project_key": "DESK",
        "role": "admin",
        "assigned_at": role["assigned_at"],
    }


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("alice", ["DESK"]),
        ("stella", ["OTHER"]),
        ("adam", ["DESK", "OTHER"]),
        ("stan", ["DESK", "OTHER"]),
        ("root", ["DESK", "OTHER"]),
    ],
)
async def test_roles_in_projects_out_of_sight_are_left_out(world, as_user, name, keys):
    await add_role(world.other_project, world.people["adam"], "manager")

    answer = await as_user(name).get(f"{USERS}{world.people['adam']}/roles/")

    assert [role["project_key"] for role in answer.json()["roles"]] == keys


async def test_role_user_does_not_learn_the_roles_of_agents_known_by_name(world, as_user):
    answer = await as_user("uma").get(f"{USERS}{world.people['adam']}/roles/")

    assert answer.json() == {"roles": []}


async def test_roles_of_somebody_out_of_sight_are_not_there(world, as_user):
    assert (
        await as_user("alice").get(f"{USERS}{world.people['stella']}/roles/")
    ).status_code == 404
    assert (await as_user("uma").get(f"{USERS}{world.people['ugo']}/roles/")).status_code == 404


@pytest.mark.parametrize("name", ["alice", "adam", "mona", "root"])
async def test_who_oversees_a_project_sees_all_its_members(world, as_user, name):
    answer = await as_user(name).get(f"{PROJECTS}{world.project}/members/")

    members = {member["username"]: member for member in answer.json()}
    assert list(members) == ["adam", "alice", "mona", "ugo", "uma"]
    assert members["uma"] == {
        "id": world.people["uma"],
        "username": "uma",
        "email": "uma@example.com",
        "first_name": "Uma",
        "last_name": "",
        "role": "user",
        "assigned_at": members["uma"]["assigned_at"],
    }


async def test_role_user_sees_agents_and_colleagues_by_name_only(world, as_user):
    await add_company("Initech", world.project, world.people["uma"], world.people["mona"])

    answer = await as_user("uma").get(f"{PROJECTS}{world.project}/members/")

    assert [(member["username"], member["email"]) for member in answer.json()] == [
        ("adam", None),
        ("alice", None),
        ("mona", None),
        ("uma", "uma@example.com"),
    ]


@pytest.mark.parametrize("name", ["stella", "stan"])
async def test_without_a_role_the_members_are_not_there(world, as_user, name):
    answer = await as_user(name).get(f"{PROJECTS}{world.project}/members/")

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
