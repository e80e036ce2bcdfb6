"""A good token opens only in its place, and only alone (forged ones: `api/test_auth`)."""

import pytest

from tests.api.test_auth import DEV_KEY, ME, NOT_PROVIDED, NOT_VALID, SECRET, forged
from tests.conftest import client_of, make_app, token_of, tokens
from ticketing_server.core.db import Sql, execute

PLACES = {
    "the query": lambda token: {"params": {"access_token": token, "token": token}},
    "a cookie": lambda token: {"headers": {"Cookie": f"access={token}; Authorization={token}"}},
    "the body": lambda token: {"json": {"access": token, "token": token}},
    "another header": lambda token: {"headers": {"X-Authorization": f"Bearer {token}"}},
    "the proxy's header": lambda token: {"headers": {"Proxy-Authorization": f"Bearer {token}"}},
    "another scheme": lambda token: {"headers": {"Authorization": f"JWT {token}"}},
    "no scheme": lambda token: {"headers": {"Authorization": token}},
}


@pytest.mark.parametrize("place", PLACES)
async def test_a_token_in_another_place_opens_nothing(client, world, place):
    answer = await client.request("GET", ME, **PLACES[place](token_of(world, "root")))

    assert (answer.status_code, answer.json()) == (401, NOT_PROVIDED)


@pytest.mark.parametrize("names", [("uma", "root"), ("root", "uma"), ("uma", "uma")])
async def test_two_tokens_are_none(client, world, names):
    headers = [(b"Authorization", f"Bearer {token_of(world, name)}".encode()) for name in names]

    answer = await client.get(ME, headers=headers)

    assert (answer.status_code, answer.json()) == (401, NOT_PROVIDED)
    assert (await client.get(ME, headers=headers[:1])).json()["username"] == names[0]


async def test_two_development_keys_are_none(world):
    development = client_of(make_app(DEBUG="true", SUPER_SECRET_KEY=DEV_KEY))

    for keys in (("wrong", DEV_KEY), (DEV_KEY, "wrong")):
        headers = [(b"X-Super-Secret-Key", key.encode()) for key in keys]
        assert (await development.get(ME, headers=headers)).status_code == 401


@pytest.mark.parametrize("size", [10_000, 1_000_000])
async def test_a_giant_token_is_only_a_wrong_one(client, size):
    for token in ("a" * size, "a." * size, f"{'e' * size}.{'e' * size}.{'e' * size}"):
        answer = await client.get(ME, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()) == (401, NOT_VALID)


async def test_claims_that_a_token_need_not_have_give_nothing(client, world):
    claims = tokens(SECRET)._verify(token_of(world, "uma"))
    named = {name: getattr(claims, name) for name in claims.__struct_fields__}
    token = forged(named, is_superuser=True, is_staff=True, role="superadmin", scope="*")

    answer = await client.get(ME, headers={"Authorization": f"Bearer {token}"})

    assert (answer.json()["is_superuser"], answer.json()["is_staff"]) == (False, False)
    assert answer.json()["username"] == "uma"


async def test_somebody_elses_id_needs_their_epoch_too(client, world):
    """Who knows the key of old, or has an old token, is let in for nobody whose tokens ended."""
    await execute(Sql("UPDATE account SET password = 'another' WHERE username = 'root'"))
    old = tokens(SECRET).issue(world.people["root"], 0)

    answer = await client.get(ME, headers={"Authorization": f"Bearer {old.access}"})

    assert (answer.status_code, answer.json()) == (401, NOT_VALID)
