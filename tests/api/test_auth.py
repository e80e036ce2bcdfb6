"""Accounts and tokens: coming in, staying in, going out (rulings 2)."""

import asyncio
import base64
import datetime as dt
import json
import time
from collections import Counter
from typing import Any

import httpx
import jwt
import pytest

from tests.conftest import ENVIRONMENT, client_of, make_app, token_of, tokens
from tests.world import PASSWORD
from ticketing_server.core.db import Sql, execute, rows, scalar
from ticketing_server.settings import WrongSetting

REGISTER, LOGIN, LOGOUT = "/tickets/auth/register/", "/tickets/auth/login/", "/tickets/auth/logout/"
REFRESH, ME = "/tickets/auth/token/refresh/", "/tickets/auth/me/"
SECRET = ENVIRONMENT["SECRET_KEY"]
DEV_KEY = "dev-super-secret-key-12345"

NEWUSER = {
    "username": "newuser",
    "email": "newuser@example.com",
    "password": "SecurePass123!",
    "password_confirm": "SecurePass123!",
    "first_name": "John",
    "last_name": "Doe",
    "project_key": "PROJ",
    "project_name": "My Project",
}
NAMES_NO_PROJECT = {"project_key": None, "project_name": None}

NOT_PROVIDED = {"detail": "Authentication credentials were not provided."}
NOT_VALID = {
    "detail": "Given token not valid for any token type",
    "code": "token_not_valid",
    "messages": [
        {
            "token_class": "AccessToken",
            "token_type": "access",
            "message": "Token is invalid or expired",
        }
    ],
}
NOT_REFRESHABLE = {"detail": "Token is invalid or expired", "code": "token_not_valid"}


async def sign_in(client: httpx.AsyncClient, name: str = "uma", password: str = PASSWORD) -> Any:
    """The two tokens of a new session."""
    answer = await client.post(LOGIN, json={"username": name, "password": password})
    assert answer.status_code == 200, answer.text
    return answer.json()["tokens"]


async def me(client: httpx.AsyncClient, access: str) -> httpx.Response:
    return await client.get(ME, headers={"Authorization": f"Bearer {access}"})


def from_address(app: Any, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=(address, 4711)),
        base_url="http://localhost/api",
    )


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, SECRET, algorithms=["HS256"])


# Registering


async def test_registering_answers_as_in_the_reference(client):
    answer = await client.post(REGISTER, json=NEWUSER)

    body = answer.json()
    assert answer.status_code == 201
    assert list(body) == ["message", "user", "project", "tokens"]
    assert body["message"] == "User registered successfully"
    user = {key: NEWUSER[key] for key in ("username", "email", "first_name", "last_name")}
    assert body["user"] == {"id": body["user"]["id"], **user}
    assert body["project"] == {"id": body["project"]["id"], "name": "My Project", "key": "PROJ"}
    assert (await me(client, body["tokens"]["access"])).json()["project_roles"] == [
        {"project_id": body["project"]["id"], "project_name": "My Project", "role": "superadmin"}
    ]


async def test_a_new_project_has_the_default_columns(client):
    access = (await client.post(REGISTER, json=NEWUSER)).json()["tokens"]["access"]

    columns = await client.get("/tickets/columns/", headers={"Authorization": f"Bearer {access}"})

    assert [(column["name"], column["color"]) for column in columns.json()] == [
        ("New", "#0052cc"),
        ("In Progress", "#ff9800"),
        ("Review", "#9c27b0"),
        ("Done", "#36b37e"),
    ]


async def test_an_account_comes_without_a_project_when_none_is_named(client):
    answer = await client.post(REGISTER, json={**NEWUSER, **NAMES_NO_PROJECT})

    assert answer.status_code == 201
    assert answer.json()["project"] is None
    assert (await me(client, answer.json()["tokens"]["access"])).json()["project_roles"] == []


@pytest.mark.parametrize("missing", ["project_key", "project_name"])
async def test_project_key_and_project_name_come_together(client, missing):
    answer = await client.post(REGISTER, json={**NEWUSER, missing: None})

    assert answer.status_code == 400
    assert list(answer.json()) == [missing]
    assert await scalar(Sql("SELECT count(*) FROM account"), int) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "jo"),
        ("username", "j" * 151),
        ("username", "two words"),
        ("username", "semi;colon"),
        ("email", "no-at.example.com"),
        ("email", "two@@example.com"),
        ("email", "nobody@localhost"),
        ("password_confirm", "SecurePass124!"),
        ("first_name", "x" * 256),
        ("project_key", "proj"),
        ("project_key", "P"),
        ("project_key", "P" * 11),
        ("project_key", "1ST"),
        ("project_key", "PROJ\n\nX"),
        ("project_name", "  "),
        ("project_name", "x" * 256),
    ],
)
async def test_registering_refuses(client, field, value):
    answer = await client.post(REGISTER, json={**NEWUSER, field: value})

    assert answer.status_code == 400
    assert list(answer.json()) == [field]


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Short123!", "too short"),
        ("1234567890", "too common"),
        ("PASSWORD123", "too common"),
        ("its-NewUser-indeed", "too similar to the username"),
        ("my-mailbox-is-here", "too similar to the email"),
        ("x" * 1025, "no more than 1024"),
    ],
)
async def test_a_weak_password_is_refused(client, password, reason):
    weak = {"email": "mailbox@example.com", "password": password, "password_confirm": password}

    answer = await client.post(REGISTER, json={**NEWUSER, **weak})

    assert answer.status_code == 400
    assert reason in answer.json()["password"][0]


async def test_a_password_may_be_long_and_keeps_its_blanks(client):
    password = "  " + "long " * 200 + "  "
    new = {**NEWUSER, "password": password, "password_confirm": password}
    assert (await client.post(REGISTER, json=new)).status_code == 201

    assert await sign_in(client, "newuser", password)
    trimmed = await client.post(LOGIN, json={"username": "newuser", "password": password.strip()})
    assert trimmed.status_code == 400
    hashed = await scalar(Sql("SELECT password FROM account"), str)
    assert hashed.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "UMA"),
        ("username", "Uma@Example.com"),
        ("email", "UMA@EXAMPLE.COM"),
        ("project_key", "DESK"),
    ],
)
async def test_what_is_taken_is_refused_without_regard_to_case(client, world, field, value):
    answer = await client.post(REGISTER, json={**NEWUSER, field: value})

    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert "already exists" in answer.json()[field][0]


@pytest.mark.parametrize(("first", "second"), [("ÉLODIE", "élodie"), ("გიორგი", "ᲒᲘᲝᲠᲒᲘ")])
async def test_case_is_no_difference_in_any_script(client, first, second):
    one = {**NEWUSER, **NAMES_NO_PROJECT, "username": first}
    other = {**one, "username": second, "email": "other@example.com"}

    assert (await client.post(REGISTER, json=one)).status_code == 201
    assert list((await client.post(REGISTER, json=other)).json()) == ["username"]


async def test_all_wrong_fields_are_named_at_once(client):
    wrong = {"username": "x", "password": "short", "password_confirm": "other", "project_key": "?"}

    answer = await client.post(REGISTER, json=wrong)

    assert answer.status_code == 400
    assert set(answer.json()) == {*wrong, "email", "project_name"}
    assert all(isinstance(messages, list) for messages in answer.json().values())


async def test_what_a_username_and_a_key_are_made_of_is_told(client):
    wrong = {"username": "two words", "project_key": "help"}

    answer = await client.post(REGISTER, json={**NEWUSER, **wrong})

    assert answer.json() == {
        "username": ["Use letters, digits and @ . + - _ only, without a space."],
        "project_key": ["Use 2 to 10 capital letters and digits, beginning with a letter."],
    }


async def test_two_who_want_one_project_key_at_once_leave_one_account(client):
    twins = [
        {**NEWUSER, "username": f"twin-{number}", "email": f"twin-{number}@example.com"}
        for number in range(4)
    ]

    answers = await asyncio.gather(*(client.post(REGISTER, json=twin) for twin in twins))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 400: 3}
    refused = [answer.json() for answer in answers if answer.status_code == 400]
    assert [list(body) for body in refused] == [["project_key"]] * 3
    assert await scalar(Sql("SELECT count(*) FROM account"), int) == 1
    assert await scalar(Sql("SELECT count(*) FROM project"), int) == 1


async def test_a_username_and_an_email_that_are_one_go_to_one_of_two_at_once(client):
    names = [("both@example.com", "nia@example.com"), ("nino", "Both@Example.com")]
    twins = [{**NEWUSER, "username": name, "email": email} for name, email in names]
    alone = [{k: v for k, v in twin.items() if "project" not in k} for twin in twins]

    answers = await asyncio.gather(*(client.post(REGISTER, json=twin) for twin in alone))

    assert sorted(answer.status_code for answer in answers) == [201, 400]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 400]
    assert list(refused) in (["username"], ["email"])
    assert await scalar(Sql("SELECT count(*) FROM account"), int) == 1


@pytest.mark.parametrize("body", [b"{}", b"no JSON", json.dumps(NEWUSER).encode()])
async def test_a_closed_server_registers_nobody_whatever_they_send(client, body):
    closed = client_of(make_app(REGISTRATION="closed"))

    answer = await closed.post(REGISTER, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 403
    assert answer.json() == {"detail": "Registration is closed."}
    assert (await client.post(REGISTER, json=NEWUSER)).status_code == 201


# Signing in


@pytest.mark.parametrize("name", ["uma", "UMA", "uma@example.com", "Uma@Example.COM", " uma "])
async def test_login_takes_the_username_or_the_email_in_any_case(client, world, name):
    answer = await client.post(LOGIN, json={"username": name, "password": PASSWORD})

    body = answer.json()
    assert answer.status_code == 200
    assert list(body) == ["message", "user", "tokens"]
    assert body["message"] == "Login successful"
    assert body["user"] == {
        "id": world.people["uma"],
        "username": "uma",
        "email": "uma@example.com",
        "first_name": "Uma",
        "last_name": "",
    }
    assert set(body["tokens"]) == {"refresh", "access"}


async def test_a_login_is_noted(client, world):
    before = await scalar(Sql("SELECT last_login FROM account WHERE username = 'uma'"), str | None)

    await sign_in(client)

    noted = Sql("SELECT last_login > now() - interval '1 minute' FROM account WHERE id = {}")
    assert before is None
    assert await scalar(Sql(noted.template, world.people["uma"]), bool)


async def test_wrong_password_unknown_user_and_inactive_user_look_the_same(client, world):
    await execute(Sql("UPDATE account SET active = FALSE WHERE username = 'ugo'"))
    attempts = [("uma", "wrong"), ("nobody", PASSWORD), ("ugo", PASSWORD), ("ugo", "wrong")]

    answers = [
        await client.post(LOGIN, json={"username": name, "password": password})
        for name, password in attempts
    ]

    assert {(answer.status_code, answer.text) for answer in answers} == {
        (400, '{"detail":"Invalid credentials."}')
    }


async def test_an_unknown_user_costs_as_much_work_as_a_wrong_password(client, world):
    async def work(name: str) -> float:
        started = time.process_time()
        await client.post(LOGIN, json={"username": name, "password": "wrong"})
        return time.process_time() - started

    await work("nobody")

    assert await work("nobody") > await work("uma") / 3


async def test_login_names_the_missing_fields(client):
    answer = await client.post(LOGIN, json={})

    assert answer.status_code == 400
    assert answer.json() == {
        "username": ["This field is required."],
        "password": ["This field is required."],
    }


async def test_me_answers_as_in_the_reference_with_all_ties(as_user, world):
    answer = await as_user("uma").get(ME)

    assert answer.json() == {
        "id": world.people["uma"],
        "username": "uma",
        "email": "uma@example.com",
        "first_name": "Uma",
        "last_name": "",
        "is_superuser": False,
        "is_staff": False,
        "project_roles": [{"project_id": world.project, "project_name": "Desk", "role": "user"}],
        "administered_companies": [],
        "member_companies": [{"id": world.companies["Acme"], "name": "Acme"}],
        "version": 1,
    }


# Tokens


async def test_tokens_carry_the_claims_and_last_as_long_as_promised(client, world):
    pair = await sign_in(client)

    lasts = {"access": dt.timedelta(hours=24), "refresh": dt.timedelta(days=7)}
    for kind, token in pair.items():
        claims = claims_of(token)
        assert claims["token_type"] == kind
        assert claims["user_id"] == world.people["uma"]
        assert claims["exp"] - claims["iat"] == lasts[kind].total_seconds()
        assert jwt.get_unverified_header(token)["alg"] == "HS256"
    assert claims_of(pair["access"])["jti"] != claims_of(pair["refresh"])["jti"]


async def test_lifetimes_are_settings(world):
    hasty = client_of(make_app(ACCESS_TOKEN_HOURS="0.5", REFRESH_TOKEN_DAYS="1"))

    pair = await sign_in(hasty)

    access, refresh = claims_of(pair["access"]), claims_of(pair["refresh"])
    assert access["exp"] - access["iat"] == 1800
    assert refresh["exp"] - refresh["iat"] == 86400


async def test_a_refresh_token_gives_another_access_token(client, world):
    pair = await sign_in(client)

    answer = await client.post(REFRESH, json={"refresh": pair["refresh"]})

    assert answer.status_code == 200
    assert list(answer.json()) == ["access"]
    assert (await me(client, answer.json()["access"])).json()["username"] == "uma"


async def test_neither_token_does_the_work_of_the_other(client, world):
    pair = await sign_in(client)

    as_access = await me(client, pair["refresh"])
    as_refresh = await client.post(REFRESH, json={"refresh": pair["access"]})

    assert (as_access.status_code, as_access.json()) == (401, NOT_VALID)
    assert (as_refresh.status_code, as_refresh.json()) == (401, NOT_REFRESHABLE)


def forged(claims: dict[str, Any], /, **other: Any) -> str:
    """uma's token with other claims; None leaves a claim out."""
    changed = {key: value for key, value in {**claims, **other}.items() if value is not None}
    return jwt.encode(changed, SECRET, algorithm="HS256")


def exchanged(claims: dict[str, Any], **other: Any) -> str:
    """Other claims between the header and the signature of the true ones."""
    (header, _, signature), (_, payload, _) = [
        forged(claims, **given).split(".") for given in ({}, other)
    ]
    return f"{header}.{payload}.{signature}"


NONE, MIXED_NONE = (
    base64.urlsafe_b64encode(json.dumps({"alg": alg, "typ": "JWT"}).encode()).rstrip(b"=").decode()
    for alg in ("none", "nOnE")
)


def signed_otherwise(claims: dict[str, Any], algorithm: str, key: str = SECRET) -> str:
    """By hand: no library signs with `none`, or with a key that is too short, in silence."""

    def segment(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    if algorithm != "none":
        return jwt.encode(claims, key.ljust(64, "-"), algorithm=algorithm)
    return f"{segment({'alg': 'none', 'typ': 'JWT'})}.{segment(claims)}."


FORGERIES = {
    "garbage": lambda _: "garbage",
    "no signature": lambda claims: forged(claims).rpartition(".")[0] + ".",
    "alg none": lambda claims: signed_otherwise(claims, "none"),
    "another key": lambda claims: signed_otherwise(claims, "HS256", "another key"),
    "HS512": lambda claims: jwt.encode(claims, SECRET.ljust(64), algorithm="HS512"),
    "expired": lambda claims: forged(claims, exp=claims["iat"] - 1),
    "from the future": lambda claims: forged(claims, nbf=claims["exp"]),
    "issued in the future": lambda claims: forged(claims, iat=claims["exp"] - 1),
    "alg nOnE": lambda claims: signed_otherwise(claims, "none").replace(NONE, MIXED_NONE),
    "its own key in its header": lambda claims: jwt.encode(
        claims, "k" * 32, headers={"jwk": {"kty": "oct", "k": "a" * 43}, "kid": "../../dev/null"}
    ),
    "claims exchanged": lambda claims: exchanged(claims, user_id=claims["user_id"] + 1),
    "lasting longer": lambda claims: exchanged(claims, exp=claims["exp"] + 86400),
    "the other type": lambda claims: exchanged(
        claims, token_type={"access": "refresh", "refresh": "access"}[claims["token_type"]]
    ),
    "exp as text": lambda claims: forged(claims, exp="tomorrow"),
    "exp endless": lambda claims: forged(claims, exp=10**400),
    "exp true": lambda claims: forged(claims, exp=True),
    "exp as a list": lambda claims: forged(claims, exp=[claims["exp"]]),
    "iat as text": lambda claims: forged(claims, iat="now"),
    "jti as a number": lambda claims: forged(claims, jti=7),
    "token_type as a list": lambda claims: forged(claims, token_type=[claims["token_type"]]),
    "token_type of neither kind": lambda claims: forged(claims, token_type="api"),
    "user_id true": lambda claims: forged(claims, user_id=True),
    "user_id with a fraction": lambda claims: forged(claims, user_id=claims["user_id"] + 0.5),
    "user_id as an object": lambda claims: forged(claims, user_id={"id": claims["user_id"]}),
    "epoch negative": lambda claims: forged(claims, epoch=-1),
    "user_id as text": lambda claims: forged(claims, user_id=str(claims["user_id"])),
    "user_id of nobody": lambda claims: forged(claims, user_id=987654321),
    "user_id zero": lambda claims: forged(claims, user_id=0),
    "user_id negative": lambda claims: forged(claims, user_id=-1),
    "user_id of 80 bits": lambda claims: forged(claims, user_id=2**80),
    "NUL in the session": lambda claims: forged(claims, sid="\0"),
    "another epoch": lambda claims: forged(claims, epoch=7),
    "epoch of 80 bits": lambda claims: forged(claims, epoch=2**80),
    "nests deep": lambda _: f"{base64.urlsafe_b64encode(b'[' * 20001).decode()}.e30.e30",
    **{
        f"without {name}": lambda claims, name=name: forged(claims, **{name: None})
        for name in ("token_type", "exp", "iat", "jti", "user_id", "sid", "epoch")
    },
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_opens_nothing(client, world, forgery):
    pair = tokens(SECRET).issue(world.people["uma"], 0)

    opened = await me(client, FORGERIES[forgery](claims_of(pair.access)))
    refreshed = await client.post(
        REFRESH, json={"refresh": FORGERIES[forgery](claims_of(pair.refresh))[:4096]}
    )

    assert (opened.status_code, opened.json()) == (401, NOT_VALID)
    assert (refreshed.status_code, refreshed.json()) == (401, NOT_REFRESHABLE)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dW1hOng=", "Token abc", "é"])
async def test_without_a_bearer_token_nobody_is_signed_in(client, header):
    answer = await client.get(ME, headers=[(b"Authorization", header.encode("latin-1"))])

    assert (answer.status_code, answer.json()) == (401, NOT_PROVIDED)
    assert answer.headers["www-authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
async def test_the_scheme_is_written_in_any_case(client, world, scheme):
    answer = await client.get(ME, headers={"Authorization": f"{scheme} {token_of(world, 'uma')}"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE account SET password = 'another' WHERE id = {}",
        "UPDATE account SET active = FALSE WHERE id = {}",
        "DELETE FROM account WHERE id = {}",
    ],
)
async def test_all_tokens_end_with_the_password_or_the_account(client, world, change):
    first, second = await sign_in(client), await sign_in(client)

    await execute(Sql(change, world.people["uma"]))

    for pair in (first, second):
        assert (await me(client, pair["access"])).json() == NOT_VALID
        answer = await client.post(REFRESH, json={"refresh": pair["refresh"]})
        assert (answer.status_code, answer.json()) == (401, NOT_REFRESHABLE)


async def test_an_account_that_comes_back_needs_a_new_login(client, world):
    old = await sign_in(client)
    await execute(Sql("UPDATE account SET active = FALSE WHERE username = 'uma'"))
    await execute(Sql("UPDATE account SET active = TRUE WHERE username = 'uma'"))

    assert (await me(client, old["access"])).status_code == 401
    assert (await me(client, (await sign_in(client))["access"])).status_code == 200


# Signing out


async def test_logout_ends_one_session_and_no_other(client, world):
    ended, other = await sign_in(client), await sign_in(client)
    renewed = (await client.post(REFRESH, json={"refresh": ended["refresh"]})).json()["access"]

    answer = await client.post(LOGOUT, json={"refresh": ended["refresh"]})

    assert (answer.status_code, answer.content) == (204, b"")
    assert (await me(client, ended["access"])).status_code == 401
    assert (await me(client, renewed)).status_code == 401
    refreshed = await client.post(REFRESH, json={"refresh": ended["refresh"]})
    assert (refreshed.status_code, refreshed.json()) == (401, NOT_REFRESHABLE)
    assert (await me(client, other["access"])).status_code == 200


async def test_logout_wants_a_refresh_token_of_ours(client, world):
    pair = await sign_in(client)

    for wrong in ("garbage", pair["access"]):
        answer = await client.post(LOGOUT, json={"refresh": wrong})
        assert (answer.status_code, answer.json()) == (401, NOT_REFRESHABLE)
    assert (await client.post(LOGOUT, json={})).json() == {"refresh": ["This field is required."]}
    assert (await me(client, pair["access"])).status_code == 200


async def test_an_ended_session_is_remembered_until_its_last_access_token_expires(client, world):
    hasty = client_of(make_app(REFRESH_TOKEN_DAYS="0.001"))
    pair = await sign_in(hasty)

    await hasty.post(LOGOUT, json={"refresh": pair["refresh"]})

    until = await scalar(Sql("SELECT expires_at FROM ended_session"), dt.datetime)
    assert until.timestamp() >= claims_of(pair["access"])["exp"]


# The development key


@pytest.fixture
def development(world):
    """A server on which the development key is set."""
    return client_of(make_app(DEBUG="true", SUPER_SECRET_KEY=DEV_KEY))


async def test_the_development_key_acts_as_the_first_active_superuser(development, world):
    key = {"X-Super-Secret-Key": DEV_KEY}
    await execute(Sql("UPDATE account SET superuser = TRUE WHERE username = 'stan'"))
    assert (await development.get(ME, headers=key)).json()["username"] == "root"

    await execute(Sql("UPDATE account SET active = FALSE WHERE username = 'root'"))
    assert (await development.get(ME, headers=key)).json()["username"] == "stan"

    await execute(Sql("UPDATE account SET superuser = FALSE WHERE username = 'stan'"))
    assert (await development.get(ME, headers=key)).status_code == 401


@pytest.mark.parametrize("wrong", ["", "wrong", DEV_KEY + "6", DEV_KEY[:-1], "ключ"])
async def test_a_wrong_development_key_is_refused_even_beside_a_good_token(
    development, world, wrong
):
    headers = [
        (b"X-Super-Secret-Key", wrong.encode()),
        (b"Authorization", f"Bearer {token_of(world, 'root')}".encode()),
    ]

    assert (await development.get(ME, headers=headers)).status_code == 401
    assert (await development.get(ME, headers=headers[1:])).status_code == 200


async def test_without_debug_the_development_key_is_ignored(client, world):
    key = {"X-Super-Secret-Key": DEV_KEY}
    bearer = {"Authorization": f"Bearer {token_of(world, 'uma')}"}

    assert (await client.get(ME, headers=key)).json() == NOT_PROVIDED
    assert (await client.get(ME, headers={**key, **bearer})).json()["username"] == "uma"


async def test_debug_alone_makes_no_development_key(world):
    debugging = client_of(make_app(DEBUG="true"))

    for key in ("", DEV_KEY, "None"):
        assert (await debugging.get(ME, headers={"X-Super-Secret-Key": key})).status_code == 401


def test_a_development_key_without_debug_stops_the_start():
    with pytest.raises(WrongSetting, match=r"SUPER_SECRET_KEY.*unset while DEBUG is off"):
        make_app(SUPER_SECRET_KEY=DEV_KEY)


# Throttling


async def test_parallel_guesses_do_not_get_past_the_limit(world):
    servers = [client_of(make_app(AUTH_RATE_LIMIT="10/minute")) for _ in range(2)]
    guess = {"username": "uma", "password": "a guess"}

    answers = await asyncio.gather(
        *(servers[number % 2].post(LOGIN, json=guess) for number in range(50))
    )

    assert Counter(answer.status_code for answer in answers) == {400: 10, 429: 40}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["detail"].startswith("Request was throttled.")


async def test_the_right_password_does_not_help_once_throttled(world):
    strict = client_of(make_app(AUTH_RATE_LIMIT="1/hour"))
    await strict.post(LOGIN, json={"username": "uma", "password": "a guess"})

    answer = await strict.post(LOGIN, json={"username": "uma", "password": PASSWORD})

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 3500


async def test_an_address_is_throttled_whatever_account_it_tries(world):
    app = make_app(AUTH_RATE_LIMIT="2/minute")
    here, there = from_address(app, "192.0.2.1"), from_address(app, "192.0.2.2")

    tried = [
        await here.post(LOGIN, json={"username": name, "password": "a guess"})
        for name in ("uma", "adam", "mona")
    ]

    assert [answer.status_code for answer in tried] == [400, 400, 429]
    assert await sign_in(there, "mona")


async def test_an_account_is_throttled_whatever_name_and_address_are_used(world):
    app = make_app(AUTH_RATE_LIMIT="2/minute")
    names = ["uma", "UMA", "uma@example.com"]

    tried = [
        await from_address(app, f"192.0.2.{number}").post(
            LOGIN, json={"username": name, "password": "a guess"}
        )
        for number, name in enumerate(names)
    ]

    assert [answer.status_code for answer in tried] == [400, 400, 429]


async def test_the_limit_lasts_no_longer_than_its_window(world):
    strict = client_of(make_app(AUTH_RATE_LIMIT="1/minute"))
    guess = {"username": "uma", "password": "a guess"}
    await strict.post(LOGIN, json=guess)
    assert (await strict.post(LOGIN, json=guess)).status_code == 429

    await execute(Sql("UPDATE throttle SET ends_at = now()"))

    assert (await strict.post(LOGIN, json=guess)).status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "first"),
    [(REGISTER, {**NEWUSER, "project_key": "DESK"}, 400), (REFRESH, {"refresh": "x"}, 401)],
)
async def test_registering_and_refreshing_are_throttled_too(world, path, body, first):
    strict = client_of(make_app(AUTH_RATE_LIMIT="1/minute"))

    tried = [await strict.post(path, json=body) for _ in range(2)]

    assert [answer.status_code for answer in tried] == [first, 429]


async def test_refreshing_is_throttled_per_account(world):
    app = make_app(AUTH_RATE_LIMIT="1/minute")
    refresh = {"refresh": tokens(SECRET).issue(world.people["uma"], 0).refresh}

    tried = [
        await from_address(app, f"192.0.2.{number}").post(REFRESH, json=refresh)
        for number in range(2)
    ]

    assert [answer.status_code for answer in tried] == [200, 429]


@pytest.mark.parametrize(
    ("trusted", "second"), [("127.0.0.1", 400), ("10.0.0.0/8, 192.168.1.1", 429)]
)
async def test_a_forwarded_address_counts_only_from_a_trusted_proxy(world, trusted, second):
    strict = client_of(make_app(AUTH_RATE_LIMIT="1/minute", TRUSTED_PROXIES=trusted))

    tried = [
        await strict.post(
            LOGIN,
            json={"username": name, "password": "a guess"},
            headers={"X-Forwarded-For": address},
        )
        for name, address in (("uma", "203.0.113.1"), ("adam", "203.0.113.2"))
    ]

    assert [answer.status_code for answer in tried] == [400, second]


async def test_what_is_counted_names_nobody(world):
    strict = client_of(make_app(AUTH_RATE_LIMIT="1/minute"))
    await strict.post(LOGIN, json={"username": "uma", "password": "a guess"})

    kept = await rows(Sql("SELECT key FROM throttle"), dict[str, str])

    assert len(kept) == 2
    assert not [row for row in kept if "uma" in row["key"] or "127.0.0.1" in row["key"]]
