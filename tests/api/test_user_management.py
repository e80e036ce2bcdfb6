"""Who sees whom, and who may change, disable or delete whose account (rulings 6.7, 6.8)."""

from typing import Any

import pytest

from tests.conftest import client_of
from tests.world import PASSWORD, add_comment, add_role
from ticketing_server.core.db import Sql, execute, row, scalar, scalars

NEW = {"username": "nia", "email": "nia@client.com", "password": "a good long password"}
FRESH = "another good password"


@pytest.fixture
async def nia(world, as_user) -> int:
    """An account that alice has made in her project, with role user there."""
    nia = (await as_user("alice").post("/tickets/users/", json=NEW)).json()["id"]
    await add_role(world.project, nia, "user")
    return nia


def usernames(answer) -> list[str]:
    return [user["username"] for user in answer.json()["results"]]


# Everybody knows themselves; uma (role user, of Acme) meets the agents of her project, not ugo.
SEEN = {
    "root": ["adam", "alice", "mona", "root", "stan", "stella", "ugo", "uma"],
    "stan": ["adam", "alice", "mona", "root", "stan", "stella", "ugo", "uma"],
    "alice": ["adam", "alice", "mona", "ugo", "uma"],
    "adam": ["adam", "alice", "mona", "ugo", "uma"],
    "mona": ["adam", "alice", "mona", "ugo", "uma"],
    "uma": ["adam", "alice", "uma"],
    "stella": ["stella"],
}


@pytest.mark.parametrize("name", SEEN)
async def test_each_role_sees_whom_it_should(name, world, as_user):
    answer = await as_user(name).get("/tickets/users/")

    assert usernames(answer) == SEEN[name]
    assert answer.json()["count"] == len(SEEN[name])


async def test_role_user_knows_agents_by_name_only(world, as_user):
    adam = (await as_user("uma").get(f"/tickets/users/{world.people['adam']}/")).json()

    assert (adam["username"], adam["first_name"]) == ("adam", "Adam")
    assert adam["email"] is adam["is_active"] is adam["date_joined"] is None
    assert adam["project_roles"] == []


async def test_nobody_finds_or_sorts_by_what_they_may_not_see(world, as_user):
    hidden = await as_user("uma").get("/tickets/users/?search=adam@example")
    known = await as_user("alice").get("/tickets/users/?search=ADAM@example")

    assert usernames(hidden) == []
    assert usernames(known) == ["adam"]


async def test_somebody_is_found_by_their_whole_name(world, as_user):
    await as_user("uma").patch(
        f"/tickets/users/{world.people['uma']}/", json={"last_name": "Underhill"}
    )
    get = as_user("alice").get

    for search in ("Uma Underhill", "underhill UMA", "under um"):
        found = await get("/tickets/users/", params={"search": search})
        assert usernames(found) == ["uma"]
    assert usernames(await get("/tickets/users/", params={"search": "Adam Underhill"})) == []


async def test_a_person_out_of_sight_is_not_there(world, as_user):
    stella = world.people["stella"]

    assert (await as_user("alice").get(f"/tickets/users/{stella}/")).status_code == 404
    assert (await as_user("alice").patch(f"/tickets/users/{stella}/", json={})).status_code == 404
    assert (await as_user("alice").delete(f"/tickets/users/{stella}/")).status_code == 404


async def test_roles_in_projects_that_the_caller_is_not_in_stay_hidden(world, as_user):
    await add_role(world.other_project, world.people["adam"], "user")

    seen = (await as_user("alice").get(f"/tickets/users/{world.people['adam']}/")).json()
    seen_by_root = (await as_user("root").get(f"/tickets/users/{world.people['adam']}/")).json()

    assert [role["project_name"] for role in seen["project_roles"]] == ["Desk"]
    assert len(seen_by_root["project_roles"]) == 2


async def test_users_are_ordered_as_asked(world, as_user):
    last = await as_user("root").get("/tickets/users/?ordering=-username&page_size=1")
    unknown = await as_user("root").get("/tickets/users/?ordering=password")

    assert usernames(last) == ["uma"]
    assert unknown.status_code == 400
    assert "username, email, date_joined, last_login" in unknown.json()["ordering"][0]


async def test_the_users_list_takes_three_statements_at_any_size(world, as_user, statements):
    async with statements() as sent:
        await as_user("root").get("/tickets/users/?page_size=100")

    assert len(sent) == 3


async def test_everybody_changes_their_own_names_and_email_and_nothing_more(world, as_user):
    own = f"/tickets/users/{world.people['uma']}/"

    changed = await as_user("uma").patch(own, json={"first_name": "Una", "email": "una@acme.com"})
    refused = await as_user("uma").patch(own, json={"username": "boss"})
    raised = await as_user("uma").patch(own, json={"is_superuser": True, "first_name": "X"})

    assert changed.json()["first_name"] == "Una"
    assert changed.json()["email"] == "una@acme.com"
    assert (refused.status_code, raised.status_code) == (403, 403)
    assert (await as_user("uma").get(own)).json()["first_name"] == "Una"


async def test_an_email_or_username_of_somebody_else_is_refused(world, as_user):
    person = f"/tickets/users/{world.people['uma']}/"

    answer = await as_user("root").patch(
        person, json={"email": "ADAM@example.com", "username": "Alice"}
    )

    assert answer.status_code == 400
    assert set(answer.json()) == {"email", "username"}


# Who may do what to nia, whom alice made in her project.
ALLOWED = {
    "root": {"patch", "password", "toggle", "delete"},
    "stan": {"patch"},
    "alice": {"patch", "password", "toggle", "delete"},
    "adam": set(),
    "mona": set(),
}


@pytest.mark.parametrize("name", ALLOWED)
@pytest.mark.parametrize("verb", ["patch", "password", "toggle", "delete"])
async def test_an_account_made_in_a_project_is_managed_by_its_superadmins(name, verb, nia, as_user):
    path = f"/tickets/users/{nia}/"
    requests = {
        "patch": ("PATCH", path, {"first_name": "Nina"}),
        "password": ("POST", path + "set_password/", {"password": FRESH}),
        "toggle": ("POST", path + "toggle_active/", None),
        "delete": ("DELETE", path, None),
    }
    method, url, body = requests[verb]

    answer = await as_user(name).request(method, url, json=body)

    expected = {200, 204} if verb in ALLOWED[name] else {403}
    assert answer.status_code in expected


@pytest.mark.parametrize("path", ["set_password/", "toggle_active/", ""])
async def test_adding_somebody_to_a_project_is_no_way_to_take_their_account_over(
    path, world, as_user
):
    """uma registered by herself: alice may not touch her account, superadmin or not."""
    url = f"/tickets/users/{world.people['uma']}/{path}"
    method = "POST" if path else "DELETE"

    answer = await as_user("alice").request(method, url, json={"password": FRESH})

    assert answer.status_code == 403


async def test_an_account_with_a_role_elsewhere_is_out_of_reach(nia, world, as_user):
    await add_role(world.other_project, nia, "user")

    answer = await as_user("alice").post(
        f"/tickets/users/{nia}/set_password/", json={"password": FRESH}
    )

    assert answer.status_code == 403


async def test_staff_change_neither_staff_nor_superusers(world, as_user):
    answers = [
        await as_user("stan").patch(f"/tickets/users/{world.people[name]}/", json={})
        for name in ("root", "adam")
    ]

    assert [answer.status_code for answer in answers] == [403, 200]


async def test_ones_own_password_needs_the_old_one_and_ends_all_sessions(world, as_user):
    url = f"/tickets/users/{world.people['uma']}/set_password/"

    without = await as_user("uma").post(url, json={"password": FRESH})
    wrong = await as_user("uma").post(url, json={"password": FRESH, "old_password": "guess"})
    right = await as_user("uma").post(url, json={"password": FRESH, "old_password": PASSWORD})

    assert set(without.json()) == set(wrong.json()) == {"old_password"}
    assert right.json() == {"message": "Password updated for uma"}
    assert (await as_user("uma").get("/tickets/auth/me/")).status_code == 401


async def test_a_new_password_lets_in_and_the_old_one_no_longer(nia, as_user, app):
    await as_user("alice").post(f"/tickets/users/{nia}/set_password/", json={"password": FRESH})

    async with client_of(app) as nobody:
        login = "/tickets/auth/login/"
        new = await nobody.post(login, json={"username": "nia", "password": FRESH})
        old = await nobody.post(login, json={"username": "nia", "password": NEW["password"]})
    assert (new.status_code, old.status_code) == (200, 400)


async def test_toggling_twice_brings_an_account_back_but_not_its_sessions(nia, as_user, app):
    url = f"/tickets/users/{nia}/toggle_active/"

    off = await as_user("alice").post(url)
    on = await as_user("alice").post(url)

    assert off.json() == {"message": "User nia is now inactive", "is_active": False}
    assert on.json() == {"message": "User nia is now active", "is_active": True}
    assert await scalar(Sql("SELECT token_epoch FROM account WHERE id = {}", nia), int) == 1


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "toggle_active/"), ("DELETE", ""), ("PATCH", "")]
)
async def test_nobody_deletes_or_deactivates_themselves(method, path, world, as_user):
    url = f"/tickets/users/{world.people['root']}/{path}"

    answer = await as_user("root").request(method, url, json={"is_active": False})

    assert answer.status_code == 409


async def test_the_last_superadmin_of_a_project_cannot_be_deactivated_or_deleted(world, as_user):
    alice = f"/tickets/users/{world.people['alice']}/"

    toggled = await as_user("root").post(alice + "toggle_active/")
    deleted = await as_user("root").delete(alice)

    assert (toggled.status_code, deleted.status_code) == (409, 409)
    assert toggled.json() == {"detail": "A project must keep at least one superadmin."}


async def test_a_deleted_persons_tickets_stay_without_their_name(world, as_user):
    printer = f"/tickets/tickets/{world.printer}/"
    await as_user("uma").patch(printer, json={"priority_id": 5})

    deleted = await as_user("root").delete(f"/tickets/users/{world.people['uma']}/")

    assert deleted.status_code == 204
    assert (await as_user("alice").get(printer)).json()["reporter"] is None
    history = (await as_user("alice").get(printer + "history/")).json()
    assert [item["user"] for item in history] == [None]
    assert "uma" not in await scalars(Sql("SELECT username FROM account"), str)


async def test_a_deleted_account_changes_nothing_that_it_had_made(world, as_user):
    await add_comment(world.project, world.printer, world.people["uma"], "It jams.")
    made = Sql(
        "SELECT t.version, t.updated_at AS at, c.version AS said, c.updated_at AS said_at"
        " FROM ticket t JOIN comment c ON c.ticket = t.id WHERE t.id = {}",
        world.printer,
    )
    before = await row(made, dict[str, Any])

    await as_user("root").delete(f"/tickets/users/{world.people['uma']}/")

    assert await row(made, dict[str, Any]) == before
    printer = (await as_user("alice").get(f"/tickets/tickets/{world.printer}/")).json()
    assert (printer["reporter"], printer["version"]) == (None, 1)


async def test_a_change_with_a_stale_etag_is_refused(nia, as_user):
    url = f"/tickets/users/{nia}/"
    etag = (await as_user("alice").get(url)).headers["etag"]
    await as_user("alice").patch(url, json={"first_name": "Nina"})

    stale = await as_user("alice").patch(
        url, json={"first_name": "Nino"}, headers={"If-Match": etag}
    )

    assert stale.status_code == 412
    assert stale.headers["etag"] == (await as_user("alice").get(url)).headers["etag"]


async def test_signing_in_does_not_change_the_version(world, as_user):
    url = f"/tickets/users/{world.people['uma']}/"
    before = (await as_user("uma").get(url)).json()["version"]
    await execute(Sql("UPDATE account SET last_login = now()"))

    assert (await as_user("uma").get(url)).json()["version"] == before


async def test_a_superuser_stays_one_until_another_says_otherwise(world, as_user):
    own = f"/tickets/users/{world.people['root']}/"

    refused = await as_user("root").patch(own, json={"is_superuser": False})
    unchanged = await as_user("root").patch(own, json={"is_superuser": True, "first_name": "R"})

    assert (refused.status_code, refused.json()) == (
        409,
        {"detail": "You cannot demote your own account."},
    )
    assert (unchanged.status_code, unchanged.json()["is_superuser"]) == (200, True)
