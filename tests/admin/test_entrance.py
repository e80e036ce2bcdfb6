"""Only active superusers come in; what ends their tokens ends their sessions."""

import pytest

from tests.admin.browser import browser, sign_in
from tests.conftest import make_app, token_of
from tests.world import PASSWORD, everything_stored
from ticketing_server.core.db import Sql, execute, scalar, scalars
from ticketing_server.core.secrets import passwords
from ticketing_server.core.secrets.passwords import HASHER
from ticketing_server.jobs.housekeeping import sweep

NEW = "another good password"


async def test_a_superuser_signs_in_by_name_or_email_and_out_again(visitor):
    assert (await sign_in(visitor, "Root")).status_code == 200
    assert (await sign_in(visitor, "root@example.com")).status_code == 200
    assert (await visitor.get("/api/user/")).json()["username"] == "root"

    assert (await visitor.post("/public/logout/")).status_code == 200

    assert (await visitor.get("/api/user/")).status_code == 401


@pytest.mark.parametrize("name", ["root", "nobody", "alice", "stan", "ugo"])
async def test_everybody_else_gets_the_same_answer(visitor, world, name):
    await execute(Sql("UPDATE account SET superuser = TRUE, active = FALSE WHERE username = 'ugo'"))
    before = await everything_stored()
    password = "not the password" if name == "root" else PASSWORD

    answer = await sign_in(visitor, name, password)

    assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid credentials."})
    assert "id" not in visitor.cookies
    assert await everything_stored() == before


@pytest.mark.parametrize("name", ["root", "nobody", "alice", "ugo"])
async def test_it_takes_the_work_of_one_password_whoever_asks(visitor, monkeypatch, name):
    await execute(Sql("UPDATE account SET active = FALSE WHERE username = 'ugo'"))
    verified = []

    class Watched:
        def verify(self, hashed, password):
            verified.append(password)
            return HASHER.verify(hashed, password)

    monkeypatch.setattr(passwords, "HASHER", Watched())
    await sign_in(visitor, name, "not the password")

    assert verified == ["not the password"]


async def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(visitor):
    cookie = (await sign_in(visitor, "root")).headers["set-cookie"]

    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "HttpOnly",
        "Secure",
        "SameSite=strict",
        "Path=/admin",
        "Max-Age=28800",
    }
    assert "Secure" in (await visitor.get("/", headers={"Cookie": ""})).headers["set-cookie"]


async def test_in_development_the_cookies_go_over_plain_http(world):
    async with browser(make_app(DEBUG="true")) as client:
        answer = await sign_in(client, "root")

    assert "Secure" not in answer.headers["set-cookie"]


async def test_only_a_hash_of_the_session_is_kept(desk):
    assert desk.cookies["id"] not in str(await everything_stored())


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE account SET password = 'x' WHERE username = 'root'",
        "UPDATE account SET active = FALSE WHERE username = 'root'",
        "UPDATE account SET superuser = FALSE WHERE username = 'root'",
        "DELETE FROM account WHERE username = 'root'",
        "UPDATE admin_session SET expires_at = now() - interval '1 second'",
    ],
)
async def test_a_session_ends_at_once(desk, world, end):
    assert (await desk.get("/api/tables/ticket/")).status_code == 200

    await execute(Sql(end))

    assert (await desk.get("/api/tables/ticket/")).status_code == 401
    change = await desk.patch(f"/api/tables/ticket/{world.printer}/", json={"name": "Mine"})
    assert change.status_code == 401
    assert await scalar(Sql("SELECT name FROM ticket WHERE id = {}", world.printer), str) == (
        "Printer"
    )


@pytest.mark.parametrize("right", ["active", "superuser"])
async def test_giving_a_right_back_revives_no_session(desk, right):
    await execute(Sql(f"UPDATE account SET {right} = FALSE WHERE username = 'root'"))
    await execute(Sql(f"UPDATE account SET {right} = TRUE WHERE username = 'root'"))

    assert (await desk.get("/api/user/")).status_code == 401


async def test_guesses_at_the_admin_and_at_the_api_add_up(world):
    async with browser(make_app(AUTH_RATE_LIMIT="3/hour")) as client:
        guess = {"username": "root", "password": "guess"}
        answers = [
            await sign_in(client, "ROOT", "guess"),
            await client.post("https://localhost/api/tickets/auth/login/", json=guess),
            await sign_in(client, "root@example.com", "guess"),
            await sign_in(client, "root"),
            await client.post("https://localhost/api/tickets/auth/login/", json=guess),
        ]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 429, 429]
    assert int(answers[3].headers["retry-after"]) > 3000


async def test_guesses_at_the_old_password_are_counted_too(world):
    change = {"current_password": "guess", "new_password": NEW, "confirm_new_password": NEW}
    async with browser(make_app(AUTH_RATE_LIMIT="3/hour")) as client:
        await sign_in(client, "root")
        answers = [await client.post("/api/change-password/", json=change) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [422, 422, 429]


async def test_a_changed_password_ends_every_session_and_token(desk, app, world):
    token = {"Authorization": f"Bearer {token_of(world, 'root')}"}
    change = {"current_password": PASSWORD, "new_password": NEW, "confirm_new_password": NEW}

    assert (await desk.post("/api/change-password/", json=change)).status_code == 200

    assert (await desk.get("/api/user/")).status_code == 401
    me = await desk.get("https://localhost/api/tickets/auth/me/", headers=token)
    assert me.status_code == 401
    assert (await sign_in(desk, "root", NEW)).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"current_password": "guess"}, "The old password is not right."),
        ({"new_password": "short", "confirm_new_password": "short"}, "too short"),
        ({"new_password": "I am the root", "confirm_new_password": "I am the root"}, "too similar"),
        ({"confirm_new_password": "something else"}, "The two passwords do not match."),
        ({"current_password": None}, "This field may not be null."),
    ],
)
async def test_a_password_is_changed_by_the_rules_or_not_at_all(desk, wrong, said):
    change = {"current_password": PASSWORD, "new_password": NEW, "confirm_new_password": NEW}
    before = await everything_stored()

    answer = await desk.post("/api/change-password/", json={**change, **wrong})

    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert await everything_stored() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRFToken": ""},
        {"X-CSRFToken": "guessed"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "https://localhost.evil.example.com"},
    ],
)
async def test_another_sites_page_changes_nothing(desk, world, headers):
    before = await everything_stored()
    row = f"/api/tables/ticket/{world.printer}/"

    answers = [
        await desk.patch(row, json={"name": "Theirs"}, headers=headers),
        await desk.delete(row, headers=headers),
        await desk.post("/public/logout/", headers=headers),
        await desk.post("/public/login/", json={}, headers=headers),
        await desk.post("/api/change-password/", json={}, headers=headers),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert await everything_stored() == before


async def test_the_admins_own_page_may_come_by_any_allowed_name(world):
    async with browser(make_app(), Host="tickets.example.com") as client:
        own = {"Origin": "https://tickets.example.com"}
        client.headers.update(own)

        assert (await sign_in(client, "root")).status_code == 200


async def test_an_expired_session_is_swept_away(desk):
    await execute(Sql("UPDATE admin_session SET expires_at = now() - interval '1 second'"))

    await sweep()

    assert await scalars(Sql("SELECT id FROM admin_session"), int) == []
