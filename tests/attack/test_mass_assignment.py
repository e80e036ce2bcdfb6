"""Whatever a body says beside the fields that its struct has, nothing of it takes effect.

Each request is sent twice from the same state, bare and with every other name that an answer or a
table has: both times the answer and the whole database must come out the same. In a form such a
name is given a text, several texts, or a file.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.attack.described import FORM, JSON, Operation, document, made_up, operations, own, sent
from tests.world import everything_stored, stored_tables
from ticketing_server.core.db import DB, Sql, execute, records

PEOPLE = ["alice", "uma"]
WRITING = [
    pytest.param(operation, media_type, id=f"{operation} {media_type}")
    for operation in operations()
    for media_type in operation.media_types
]
# Those want a password or a token that no description gives; the others succeed for somebody.
SECRET = ("/login/", "/logout/", "/refresh/", "/accept/", "/set_password/")
# What differs from one time to the next: moments, and what is drawn by lot.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
DRAWN = re.compile(
    r'"(password|token|token_hash|refresh|access|txid|hits|request_id)" ?: ?("[^"]*"|\d+)'
    r'|\$argon2id[^"]*'
)
# Where a form's file lies, and the signature with which it is opened for an hour.
PLACE = re.compile(r'(?<=[/_])[\w-]{32}(?=[/."])|(?<=\?)[^"]*signature=[^"]*')
# An upload may have fifty parts, and a name takes two of them where it is given two texts.
NAMES_AT_ONCE = 20
# Sequences do not come back with a transaction.
SEQUENCES = "SELECT sequencename AS name, coalesce(last_value, 1) AS at FROM pg_sequences"
RESET = "SELECT setval(n.name::regclass, n.at) FROM unnest({}::text[], {}::bigint[]) AS n(name, at)"
Requests = Iterator[dict[str, Any]]


def strange(operation: Operation) -> list[str]:
    """Every name that an answer or a table has, and the body has not."""
    assert operation.body
    schemas = document()["components"]["schemas"].values()
    told = {name for schema in schemas for name in schema.get("properties", {})}
    kept = {column._meta.name for table in stored_tables() for column in table._meta.columns}
    return sorted((told | kept) - operation.body["properties"].keys())


def kinds(world: Any) -> list[Any]:
    """One value of each kind that might be taken; the numbers are a stranger's id."""
    stella = world.people["stella"]
    return [True, stella, "superadmin", [stella, stella]]


def attacks(operation: Operation, media_type: str, body: dict[str, Any], world: Any) -> Requests:
    """The request with other names beside its own: all of them, or as many as a form may have."""
    names = strange(operation)
    if media_type == JSON:
        for value in kinds(world):
            yield sent(operation, JSON, {**dict.fromkeys(names, value), **body})
        return
    for some in [names[at : at + NAMES_AT_ONCE] for at in range(0, len(names), NAMES_AT_ONCE)]:
        for value in kinds(world):
            yield sent(operation, FORM, {**dict.fromkeys(some, value), **body})
        bare = sent(operation, FORM, body)
        yield {**bare, "files": {**dict.fromkeys(some, ("a.txt", b"superadmin")), **bare["files"]}}


class State:
    """The database as it is now: what is tried on it has not happened afterwards."""

    def __init__(self, sequences: dict[str, int]) -> None:
        self._sequences = sequences

    @classmethod
    async def now(cls) -> "State":
        return cls({one["name"]: one["at"] for one in await records(Sql(SEQUENCES))})

    async def outcome(
        self, client: httpx.AsyncClient, method: str, address: str, request: dict[str, Any]
    ) -> tuple[int, str, dict[str, str]]:
        """The answer, and all that is stored then."""
        async with DB.transaction() as transaction:
            names, at = list(self._sequences), list(self._sequences.values())
            await execute(Sql(RESET, names, at))
            answer = await client.request(method, address, **request)
            stored = await everything_stored()
            await transaction.rollback()
        told = {table: steady(rows) for table, rows in stored.items()}
        return answer.status_code, steady(answer.text), told


def steady(text: str) -> str:
    return PLACE.sub("place", DRAWN.sub("drawn", MOMENT.sub("moment", text)))


@pytest.mark.parametrize(("operation", "media_type"), WRITING)
async def test_what_the_body_has_no_field_for_is_not_taken(world, as_user, operation, media_type):
    ids, state = await own(world), await State.now()
    body, where = made_up(operation.body, ids), (operation.method, operation.address(ids))

    taken = operation.path.endswith(SECRET)
    for person in PEOPLE:
        client = as_user(person)
        bare = await state.outcome(client, *where, sent(operation, media_type, body))
        taken = taken or bare[0] < 300
        for attack in attacks(operation, media_type, body, world):
            assert await state.outcome(client, *where, attack) == bare, (person, attack)
    assert taken
