"""Argon2id beside the event loop, and what makes a password good enough (rulings 2.3)."""

import asyncio
import threading

import pytest

from ticketing_server.core.errors import Unavailable
from ticketing_server.core.secrets import passwords
from ticketing_server.core.secrets.passwords import hash_password, verify_password, weakness

GOOD = "correct horse battery"


async def test_a_hash_is_argon2id_with_its_own_salt():
    first, second = await asyncio.gather(hash_password(GOOD), hash_password(GOOD))

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


async def test_only_the_very_password_matches():
    hashed = await hash_password(GOOD)

    assert await verify_password(GOOD, hashed)
    for other in (GOOD + " ", GOOD.upper(), "", hashed):
        assert not await verify_password(other, hashed)


@pytest.mark.parametrize("hashed", [None, "", "plain", "$argon2id$broken", passwords.NOBODYS])
async def test_nothing_matches_where_there_is_no_hash(hashed):
    assert not await verify_password(GOOD, hashed)


async def test_the_event_loop_goes_on_while_a_password_is_hashed():
    hashing = asyncio.create_task(hash_password(GOOD))
    turns = 0
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 100


async def test_hashing_uses_no_more_threads_than_there_are_cores():
    await asyncio.gather(*(hash_password(GOOD) for _ in range(2 * passwords.CORES)))

    threads = [thread for thread in threading.enumerate() if thread.name.startswith("argon2")]
    assert 1 <= len(threads) <= passwords.CORES


async def test_a_queue_too_long_is_refused_rather_than_kept_waiting(monkeypatch):
    monkeypatch.setattr(passwords, "LONGEST_QUEUE", 2)
    many = (hash_password(GOOD) for _ in range(passwords.CORES + 8))

    outcomes = await asyncio.gather(*many, return_exceptions=True)

    refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert 1 <= len(refused) <= 8
    assert len(refused) + len([outcome for outcome in outcomes if isinstance(outcome, str)]) == len(
        outcomes
    )


@pytest.mark.parametrize(
    ("password", "why"),
    [
        (GOOD, None),
        ("x" * 9, "too short"),
        ("ა" * 10, None),
        ("1234567890", "too common"),
        ("Liverpool1", "too common"),
        ("i am UMA today", "too similar to the username"),
        ("mail of u.moser", "too similar to the email"),
        ("example.com!", None),
        ("x" * 1024, None),
        ("x" * 1025, "no more than 1024"),
    ],
)
def test_a_password_is_long_uncommon_and_nobodys_name(password, why):
    found = weakness(password, username="uma", email="u.moser@example.com")

    assert (found is None) if why is None else (why in (found or ""))
