"""The same POST twice is answered once (rulings 1.11)."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.exceptions import InvalidTag

from tests.conftest import client_of, make_app, token_of, tokens
from tests.world import mislaid
from ticketing_server.core.db import DB, Sql, execute, rows, scalar
from ticketing_server.core.secrets.sealing import Seal

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
PROJECTS, INVITATIONS = "/tickets/projects/", "/tickets/projects/{}/invitations/"
NEW = {"name": "Mobile App", "key": "MOB"}


async def projects() -> int:
    return await scalar(Sql("SELECT count(*) FROM project"), int)


async def remembered() -> int:
    return await scalar(Sql("SELECT count(*) FROM idempotent_answer"), int)


async def test_the_same_request_is_answered_once(world, as_user):
    first = await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)
    again = await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert again.headers["content-type"] == "application/json"
    assert ("idempotency-replayed" in first.headers, "idempotency-replayed" in again.headers) == (
        False,
        True,
    )
    assert await projects() == 3


async def test_without_a_key_nothing_is_remembered(world, as_user):
    answers = [await as_user("alice").post(PROJECTS, json=NEW) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 400]
    assert await remembered() == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [(PROJECTS, {**NEW, "name": "Another"}), ("/tickets/columns/", NEW), (f"{PROJECTS}?a=1", NEW)],
)
async def test_a_key_belongs_to_one_request(world, as_user, path, body):
    await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)

    other = await as_user("alice").post(path, json=body, headers=KEY)

    assert other.status_code == 409
    assert other.json() == {"detail": "This Idempotency-Key was used with another request."}
    assert await projects() == 3


async def test_a_key_belongs_to_one_caller(world, as_user):
    of_alice = await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)
    of_stella = await as_user("stella").post(PROJECTS, json={**NEW, "key": "MOB2"}, headers=KEY)

    assert of_alice.json()["created_by"] == world.people["alice"]
    assert of_stella.json()["created_by"] == world.people["stella"]


async def test_parallel_twins_do_the_work_once(world, as_user):
    twins = (as_user("alice").post(PROJECTS, json=NEW, headers=KEY) for _ in range(8))

    answers = await asyncio.gather(*twins)

    seen = Counter(answer.status_code for answer in answers)
    assert seen[201] >= 1
    assert seen[201] + seen[409] == 8
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert await projects() == 3


async def test_a_request_still_running_is_a_conflict(world, as_user):
    # Somebody else holds the key that the project wants, so the first request waits for them.
    async with DB.transaction():
        await execute(Sql("INSERT INTO project (name, key) VALUES ('Other', 'MOB')"))
        first = asyncio.create_task(_outside(as_user("alice")))
        await _until_somebody_waits()

        second = await asyncio.create_task(_outside(as_user("alice")))

    assert second.status_code == 409
    assert second.json() == {"detail": "A request with this Idempotency-Key is still running."}
    assert (await first).status_code == 400


async def _outside(client: httpx.AsyncClient) -> httpx.Response:
    """As if by another process: in a task of its own, outside the test's transaction."""
    DB.current_transaction.set(None)
    return await client.post(PROJECTS, json=NEW, headers=KEY)


async def _until_somebody_waits() -> None:
    waiting = Sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    while not await scalar(waiting, int):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("person", "body", "status"),
    [
        ("alice", {"name": "No key"}, 400),
        ("uma", NEW, 403),
        ("alice", {**NEW, "key": "DESK"}, 400),
    ],
)
async def test_a_refusal_is_remembered(world, as_user, person, body, status):
    first = await as_user(person).post(PROJECTS, json=body, headers=KEY)
    await execute(Sql("UPDATE user_role SET role = 'superadmin' WHERE role = 'user'"))
    await execute(Sql("UPDATE project SET key = 'FREE' WHERE key = 'DESK'"))

    again = await as_user(person).post(PROJECTS, json=body, headers=KEY)

    assert (first.status_code, again.status_code) == (status, status)
    assert first.content == again.content


async def test_a_refusal_by_the_database_is_remembered_too(world, as_user):
    request = {
        "url": f"/tickets/users/{world.people['alice']}/assign_role/",
        "json": {"project_id": world.project, "role": "user"},
        "headers": KEY,
    }

    answers = [await as_user("root").post(**request) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[1].json() == {"detail": "A project must keep at least one superadmin."}


async def test_an_answer_is_forgotten_after_a_day(world, as_user):
    await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)
    await execute(Sql("UPDATE idempotent_answer SET created_at = now() - interval '24 hours'"))

    second = await as_user("alice").post(PROJECTS, json={**NEW, "key": "MOB2"}, headers=KEY)
    again = await as_user("alice").post(PROJECTS, json={**NEW, "key": "MOB2"}, headers=KEY)

    assert (second.status_code, second.json()["key"]) == (201, "MOB2")
    assert again.content == second.content


async def test_a_bug_is_not_remembered(world, as_user):
    async with mislaid("board_column"):
        failed = await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)

    again = await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)

    assert (failed.status_code, again.status_code) == (500, 201)
    assert await projects() == 3


async def test_an_answer_is_kept_only_together_with_the_work(world, as_user):
    await execute(Sql(FAIL_AT_COMMIT))
    failed = await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)
    await execute(Sql("DROP FUNCTION fail() CASCADE"))

    assert failed.status_code == 500
    assert (await projects(), await remembered()) == (2, 0)
    assert (await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)).status_code == 201


FAIL_AT_COMMIT = """
DO $do$ BEGIN
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
    CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON idempotent_answer
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail();
END $do$
"""


async def test_a_caller_who_leaves_before_the_end_has_asked_for_nothing(app, world, as_user):
    half = [
        {"type": "http.request", "body": b'{"name": "Mobile', "more_body": True},
        {"type": "http.disconnect"},
    ]
    scope = _post_scope(world)

    await app(scope, _one_by_one(half), _ignore)

    assert await remembered() == 0
    assert (await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)).status_code == 201


def _post_scope(world: Any) -> dict[str, Any]:
    headers = {
        "Host": "localhost",
        "Authorization": f"Bearer {token_of(world, 'alice')}",
        "Content-Type": "application/json",
        **KEY,
    }
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": "POST",
        "path": f"/api{PROJECTS}",
        "raw_path": f"/api{PROJECTS}".encode(),
        "query_string": b"",
        "headers": pairs,
        "scheme": "http",
        "client": ("127.0.0.1", 4711),
    }


def _one_by_one(messages: list[dict[str, Any]]) -> Any:
    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    return receive


async def _ignore(message: Any) -> None: ...


async def test_a_body_too_large_is_not_held_in_memory(world, as_user):
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(64):
            read += 1
            yield b" " * 1024 * 1024

    headers = {**KEY, "Content-Type": "application/json"}
    answer = await as_user("alice").post(PROJECTS, content=endless(), headers=headers)

    assert answer.status_code == 413
    assert answer.json() == {"detail": "Request body is too large."}
    assert read < 16
    assert await remembered() == 0


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "a\tb"])
async def test_a_key_is_short_and_printable(world, as_user, key):
    headers = {"Idempotency-Key": key}

    answer = await as_user("alice").post(PROJECTS, json=NEW, headers=headers)

    assert answer.status_code == 400
    assert list(answer.json()) == ["Idempotency-Key"]
    assert await projects() == 2


async def test_a_key_opens_nothing_without_credentials(world, as_user, client):
    await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)

    assert (await client.post(PROJECTS, json=NEW, headers=KEY)).status_code == 401


async def test_only_a_post_is_remembered(world, as_user):
    path = f"{PROJECTS}{world.project}/"

    for name in ("First", "Second"):
        answer = await as_user("alice").patch(path, json={"name": name}, headers=KEY)
        assert answer.json()["name"] == name
    assert await remembered() == 0


async def test_who_has_lost_the_role_is_not_answered_again(world, as_user):
    invitations = INVITATIONS.format(world.project)
    root, adam = as_user("root"), world.people["adam"]
    role = {"project_id": world.project, "role": "superadmin"}
    await root.post(f"/tickets/users/{adam}/assign_role/", json=role)
    first = await as_user("adam").post(invitations, json={"role": "superadmin"}, headers=KEY)

    await root.post(f"/tickets/users/{adam}/assign_role/", json={**role, "role": "user"})
    as_a_user = await as_user("adam").post(invitations, json={"role": "superadmin"}, headers=KEY)
    await root.post(f"/tickets/users/{adam}/remove_role/", json={"project_id": world.project})
    as_nobody = await as_user("adam").post(invitations, json={"role": "superadmin"}, headers=KEY)

    assert (first.status_code, as_a_user.status_code, as_nobody.status_code) == (201, 403, 404)
    assert "token" not in as_a_user.text + as_nobody.text


async def test_what_is_kept_tells_nothing_to_who_reads_the_database(world, as_user):
    """An invitation's token is kept only as a hash (rulings 6.9), passwords as argon2id (2.3)."""
    invite, users = INVITATIONS.format(world.project), "/tickets/users/"
    password = "a good long passphrase"
    new = {"username": "nia", "email": "nia@example.com", "password": password}
    alice, another = as_user("alice"), {"Idempotency-Key": "another"}

    first = await alice.post(invite, json={"role": "admin"}, headers=KEY)
    await alice.post(users, json=new, headers=another)

    kept = await rows(Sql("SELECT key, fingerprint, body FROM idempotent_answer"), Kept)
    told = b"".join(
        [part for one in kept for part in (one.key.encode(), one.fingerprint, one.body)]
    )
    known = [first.json()["token"], "nia@example.com", *KEY.values(), *another.values()]
    assert len(kept) == 2
    assert [word for word in known if word.encode() in told] == []
    again = await alice.post(invite, json={"role": "admin"}, headers=KEY)
    assert again.content == first.content


class Kept(msgspec.Struct):
    key: str
    fingerprint: bytes
    body: bytes


async def test_a_password_in_a_request_cannot_be_guessed_from_what_is_kept(world, as_user):
    """Its digest is keyed: without the key, each guess costs as much as asking the server."""
    new = {"username": "nia", "email": "nia@example.com", "password": "a good long passphrase"}

    sent = await as_user("alice").post("/tickets/users/", json=new, headers=KEY)

    kept = await scalar(Sql("SELECT fingerprint FROM idempotent_answer"), bytes)
    asked = b"/api/tickets/users/?\0" + sent.request.content
    assert kept != hashlib.sha256(asked).digest()


async def test_with_another_secret_key_nothing_kept_is_told(world, as_user):
    """And nothing is answered with what is not understood."""
    await as_user("alice").post(PROJECTS, json=NEW, headers=KEY)
    secret = "another secret for tests, long enough"
    other = client_of(
        make_app(SECRET_KEY=secret),
        Authorization=f"Bearer {tokens(secret).issue(world.people['alice'], 0).access}",
    )

    answer = await other.post(PROJECTS, json=NEW, headers=KEY)

    assert (answer.status_code, list(answer.json())) == (400, ["key"])


def test_a_seal_opens_only_what_it_closed():
    seal = Seal("secret", "7", "key")
    closed = seal.close(b"once")

    assert seal.open(closed) == b"once"
    assert seal.close(b"once") != closed
    for other in (
        Seal("secret", "8", "key"),
        Seal("secret", "7", "kez"),
        Seal("other", "7", "key"),
    ):
        with pytest.raises(InvalidTag):
            other.open(closed)
    with pytest.raises(InvalidTag):
        seal.open(closed[:-1] + bytes([closed[-1] ^ 1]))
