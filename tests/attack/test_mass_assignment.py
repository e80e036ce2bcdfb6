"""Whatever a body says beside the fields that its struct has, nothing of it takes effect.

Each request is sent twice from the same state, bare and with every other name that an answer or a
table has: both times the answer and the whole database must come out the same.
"""

import re
from typing import Any

import httpx
import pytest

from tests.attack.described import JSON, Operation, document, made_up, operations, own
from tests.world import everything_stored, stored_tables
from ticketing_server.core.db import DB, Sql, execute, records

PEOPLE = ["alice", "uma"]
WRITING = [
    pytest.param(operation, id=str(operation))
    for operation in operations()
    if operation.body and operation.media_type == JSON
]
# Those want a password or a token that no description gives; the others succeed for somebody.
SECRET = ("/login/", "/logout/", "/refresh/", "/accept/", "/set_password/")
# What differs from one time to the next: moments, and what is drawn by lot.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
DRAWN = re.compile(
    r'"(password|token|token_hash|refresh|access|txid|hits|request_id)" ?: ?("[^"]*"|\d+)'
    r'|\$argon2id[^"]*'
)
# Sequences do not come back with a transaction.
SEQUENCES = "SELECT sequencename AS name, coalesce(last_value, 1) AS at FROM pg_sequences"
RESET = "SELECT setval(n.name::regclass, n.at) FROM unnest({}::text[], {}::bigint[]) AS n(name, at)"


def strange(operation: Operation) -> list[str]:
    """Every name that an answer or a table has, and the body has not."""
    assert operation.body
    schemas = document()["components"]["schemas"].values()
    told = {name for schema in schemas for name in schema.get("properties", {})}
    kept = {column._meta.name for table in stored_tables() for column in table._meta.columns}
    return sorted((told | kept) - operation.body["properties"].keys())


def forms(world: Any) -> list[Any]:
    """One value of each kind that might be taken; the numbers are a stranger's id."""
    stella = world.people["stella"]
    return [True, stella, "superadmin", [stella]]


class State:
    """The database as it is now: what is tried on it has not happened afterwards."""

    def __init__(self, sequences: dict[str, int]) -> None:
        self._sequences = sequences

    @classmethod
    async def now(cls) -> "State":
        return cls({one["name"]: one["at"] for one in await records(Sql(SEQUENCES))})

    async def outcome(
        self, client: httpx.AsyncClient, method: str, address: str, body: dict[str, Any]
    ) -> tuple[int, str, dict[str, str]]:
        """The answer, and all that is stored then."""
        async with DB.transaction() as transaction:
            names, at = list(self._sequences), list(self._sequences.values())
            await execute(Sql(RESET, names, at))
            answer = await client.request(method, address, json=body)
            stored = await everything_stored()
            await transaction.rollback()
        told = {table: steady(rows) for table, rows in stored.items()}
        return answer.status_code, steady(answer.text), told


def steady(text: str) -> str:
    return DRAWN.sub("drawn", MOMENT.sub("moment", text))


@pytest.mark.parametrize("operation", WRITING)
async def test_what_the_body_has_no_field_for_is_not_taken(world, as_user, operation):
    ids, state = await own(world), await State.now()
    body, request = made_up(operation.body, ids), (operation.method, operation.address(ids))

    taken = operation.path.endswith(SECRET)
    for person in PEOPLE:
        bare = await state.outcome(as_user(person), *request, body)
        taken = taken or bare[0] < 300
        for value in forms(world):
            beside = {**dict.fromkeys(strange(operation), value), **body}
            assert await state.outcome(as_user(person), *request, beside) == bare, (person, value)
    assert taken
