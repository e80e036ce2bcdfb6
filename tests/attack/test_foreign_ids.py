"""Whatever takes an id, in a query or a body, is sent one of a stranger's (in paths: `test_doors`).

A stranger's must be answered to the byte like one that names nothing, and stay as it is.
"""

from typing import Any

import httpx
import pytest

from tests.access.test_doors import STELLAS
from tests.attack.described import (
    ROOMS,
    Ids,
    Operation,
    ids_in,
    is_id,
    made_up,
    operations,
    own,
    sent,
    within,
)
from tests.world import everything_stored

PEOPLE = ["alice", "adam", "mona", "uma", "ugo", "stan"]
NOTHING = 2**62
"""An id that names nothing."""
VARYING = {"date", "x-request-id", "content-length", "link"}

BODIES = [
    pytest.param(operation, field, id=f"{operation} {field}")
    for operation in operations()
    if operation.body
    for field in dict.fromkeys(ids_in(operation.body))
]
QUERIES = [
    pytest.param(operation, parameter["name"], id=f"{operation}?{parameter['name']}")
    for operation in operations()
    for parameter in operation.queries
    if any(map(is_id, within(parameter["schema"])))
]


def in_body(operation: Operation, field: str, ids: Ids, id: int) -> dict[str, Any]:
    """A request that is right but for the one field, which holds the id."""
    assert operation.body
    body = made_up(operation.body, {**ids, ROOMS[field]: id}, wanted=field)
    return sent(operation, operation.media_type, body)


def in_query(operation: Operation, parameter: str, ids: Ids, id: int) -> dict[str, Any]:
    required = [one["name"] for one in operation.queries if one["required"]]
    return {"params": {**{name: ids[ROOMS[name]] for name in required}, parameter: id}}


def looks(answer: httpx.Response, id: int) -> tuple[int, str, dict[str, str]]:
    """All of an answer, with the id that was sent taken out."""
    kept = {name: value for name, value in answer.headers.items() if name not in VARYING}
    return answer.status_code, answer.text.replace(str(id), "…"), kept


@pytest.mark.parametrize(
    ("given", "operation", "name"),
    [pytest.param(in_body, *one.values, id=one.id) for one in BODIES]
    + [pytest.param(in_query, *one.values, id=one.id) for one in QUERIES],
)
async def test_a_strangers_id_is_like_one_that_names_nothing(
    world, as_user, given, operation, name
):
    ids, hers = await own(world), STELLAS[ROOMS[name]](world)
    before = await everything_stored()

    for person in PEOPLE:
        foreign, nothing = [
            await as_user(person).request(
                operation.method, operation.address(ids), **given(operation, name, ids, id)
            )
            for id in (hers, NOTHING)
        ]
        assert looks(foreign, hers) == looks(nothing, NOTHING), person
        assert operation.method == "get" or foreign.status_code in {400, 403, 404}, person

    assert await everything_stored() == before


@pytest.mark.parametrize(("operation", "field"), BODIES)
async def test_ones_own_id_in_the_same_place_is_taken(world, as_user, operation, field):
    """So that the stranger's is refused for no other reason."""
    ids = await own(world)
    id = ids[ROOMS[field]]

    answer = await as_user("alice").request(
        operation.method, operation.address(ids), **in_body(operation, field, ids, id)
    )

    assert answer.is_success or field not in answer.text, answer.text
