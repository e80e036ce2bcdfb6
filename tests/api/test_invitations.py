"""How people from outside come in (rulings 6.9)."""

import asyncio
import hashlib
from typing import Any

import pytest

from tests.world import add_role
from ticketing_server.core.db import Sql, execute, row, scalar

ACCEPT = "/tickets/invitations/accept/"
USED_UP = {"token": ["This invitation is spent, expired, or not meant for you."]}


def of(project: int) -> str:
    return f"/tickets/projects/{project}/invitations/"


async def invite(as_user: Any, world: Any, role: str = "admin", **more: str) -> Any:
    answer = await as_user("alice").post(of(world.project), json={"role": role, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def accept(as_user: Any, name: str, token: str) -> Any:
    return await as_user(name).post(ACCEPT, json={"token": token})


async def role_of(world: Any, name: str) -> str | None:
    held = "SELECT (SELECT role FROM user_role WHERE project = {} AND account = {}) AS role"
    return await scalar(Sql(held, world.project, world.people[name]), str | None)


async def test_an_invitation_carries_its_token_this_once(world, as_user):
    invited = await invite(as_user, world, role="manager", email="stella@example.com")

    token = invited.pop("token")
    assert len(token) >= 40
    assert invited == {
        "id": invited["id"],
        "project": world.project,
        "role": "manager",
        "email": "stella@example.com",
        "created_by": world.people["alice"],
        "created_at": invited["created_at"],
        "expires_at": invited["expires_at"],
        "accepted_at": None,
    }
    listed = await as_user("alice").get(of(world.project))
    assert listed.json() == [invited]
    assert listed.headers["x-total-count"] == "1"


async def test_the_database_knows_the_token_only_by_its_hash(world, as_user):
    token = (await invite(as_user, world))["token"]

    kept = await scalar(Sql("SELECT i::text FROM invitation i"), str)
    assert token not in kept
    assert hashlib.sha256(token.encode()).hexdigest() in kept


async def test_an_invitation_is_valid_for_seven_days(world, as_user):
    token = (await invite(as_user, world))["token"]
    lasts = await scalar(Sql("SELECT (expires_at - created_at)::text FROM invitation"), str)
    assert lasts.startswith(("7 days", "6 days 23:59:59"))

    await execute(Sql("UPDATE invitation SET expires_at = now()"))

    answer = await accept(as_user, "stella", token)
    assert (answer.status_code, answer.json()) == (400, USED_UP)
    assert await role_of(world, "stella") is None


async def test_accepting_gives_the_caller_that_role(world, as_user):
    token = (await invite(as_user, world, role="manager"))["token"]
    assert (await as_user("stella").get(of(world.project))).status_code == 404

    answer = await accept(as_user, "stella", token)

    assert answer.status_code == 200
    assert answer.json() == {
        "message": "You are now manager in Desk",
        "project": {"id": world.project, "name": "Desk", "key": "DESK"},
        "role": "manager",
    }
    granted = Sql(
        "SELECT role, granted, assigned_by FROM user_role WHERE project = {} AND account = {}",
        world.project,
        world.people["stella"],
    )
    assert await row(granted, dict[str, object]) == {
        "role": "manager",
        "granted": "manager",
        "assigned_by": world.people["alice"],
    }


async def test_a_token_is_spent_once(world, as_user):
    token = (await invite(as_user, world))["token"]

    answers = [await accept(as_user, name, token) for name in ("stella", "stella", "stan")]

    assert [answer.status_code for answer in answers] == [200, 400, 400]
    assert answers[2].json() == USED_UP
    assert await role_of(world, "stan") is None
    (listed,) = (await as_user("alice").get(of(world.project))).json()
    assert listed["accepted_at"] is not None


async def test_of_several_who_spend_a_token_at_once_one_joins(world, as_user):
    token = (await invite(as_user, world))["token"]
    names = ["stella", "stan", "root"]

    answers = await asyncio.gather(*(accept(as_user, name, token) for name in names))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    joined = [name for name in names if await role_of(world, name)]
    assert len(joined) == 1


async def test_an_invitation_may_be_meant_for_one_address(world, as_user):
    token = (await invite(as_user, world, email="STELLA@Example.com"))["token"]

    stans = await accept(as_user, "stan", token)
    stellas = await accept(as_user, "stella", token)

    assert (stans.status_code, stans.json()) == (400, USED_UP)
    assert stellas.status_code == 200


@pytest.mark.parametrize(
    ("held", "offered", "kept"),
    [
        ("superadmin", "admin", "superadmin"),
        ("admin", "user", "admin"),
        ("manager", "user", "manager"),
        ("user", "admin", "admin"),
        ("manager", "admin", "admin"),
        ("admin", "admin", "admin"),
    ],
)
async def test_a_higher_role_is_not_lowered(world, as_user, held, offered, kept):
    await add_role(world.project, world.people["stella"], held)
    token = (await invite(as_user, world, role=offered))["token"]

    answer = await accept(as_user, "stella", token)

    assert (answer.status_code, answer.json()["role"]) == (200, kept)
    assert await role_of(world, "stella") == kept


async def test_what_an_invitation_granted_is_left_when_the_company_takes_its_role_back(
    world, as_user
):
    root, stella = as_user("root"), {"user_id": world.people["stella"]}
    acme = f"/tickets/companies/{world.companies['Acme']}/"
    await root.post(f"{acme}assign_admin/", json=stella)
    token = (await invite(as_user, world, role="user"))["token"]

    answer = await accept(as_user, "stella", token)
    assert answer.json()["role"] == await role_of(world, "stella") == "admin"

    await root.post(f"{acme}remove_admin/", json=stella)
    assert await role_of(world, "stella") == "user"


async def test_of_two_invitations_accepted_at_once_the_higher_role_stays(world, as_user):
    offers = ["user", "superadmin", "manager", "admin", "user"]
    tokens = [(await invite(as_user, world, role=role))["token"] for role in offers]

    await asyncio.gather(*(accept(as_user, "stella", token) for token in tokens))

    assert await role_of(world, "stella") == "superadmin"


async def test_a_revoked_invitation_opens_nothing(world, as_user):
    invited = await invite(as_user, world)
    path = f"{of(world.project)}{invited['id']}/"

    revoked = await as_user("alice").delete(path)

    assert (revoked.status_code, revoked.content) == (204, b"")
    assert (await as_user("alice").delete(path)).status_code == 404
    assert (await accept(as_user, "stella", invited["token"])).json() == USED_UP


@pytest.mark.parametrize("token", ["x", "x" * 255, "ტოკენი", "'; --"])
async def test_a_token_cannot_be_guessed(world, as_user, token):
    await invite(as_user, world)

    answer = await accept(as_user, "stella", token)

    assert (answer.status_code, answer.json()) == (400, USED_UP)


@pytest.mark.parametrize("name", ["adam", "uma", "mona"])
async def test_only_superadmins_invite_list_and_revoke(world, as_user, name):
    path = of(world.project)
    one = f"{path}{(await invite(as_user, world))['id']}/"

    answers = [
        await as_user(name).post(path, json={"role": "user"}),
        await as_user(name).get(path),
        await as_user(name).delete(one),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert answers[0].json()["roles_allowed"] == ["superadmin"]
    assert len((await as_user("alice").get(path)).json()) == 1


async def test_an_invitation_of_another_project_is_not_there(world, as_user):
    invited = await invite(as_user, world)

    for name, project in (("stella", world.other_project), ("stella", world.project)):
        answer = await as_user(name).delete(f"{of(project)}{invited['id']}/")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    assert (await as_user("stella").get(of(world.other_project))).json() == []


async def test_an_invitation_needs_a_role_and_a_real_address(world, as_user):
    for wrong, field in (({}, "role"), ({"role": "owner"}, "role")):
        answer = await as_user("alice").post(of(world.project), json=wrong)
        assert (answer.status_code, list(answer.json())) == (400, [field])
    both = await as_user("alice").post(of(world.project), json={"role": 1, "email": "nowhere"})
    assert set(both.json()) == {"role", "email"}


async def test_only_who_is_signed_in_accepts(world, as_user, client):
    token = (await invite(as_user, world))["token"]

    assert (await client.post(ACCEPT, json={"token": token})).status_code == 401
    assert (await accept(as_user, "stella", token)).status_code == 200
