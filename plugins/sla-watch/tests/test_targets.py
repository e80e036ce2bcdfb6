"""The targets of a project: what holds, who sets it, and what is refused."""

import asyncio

import pytest

from tests.world import everything_stored
from ticketing_server.plugins import Sql, execute, scalar

from .sla import targets_of

FIVE = {"priority_id": 5, "first_response_minutes": 10, "resolution_minutes": 60}


async def test_a_project_that_has_set_none_has_the_defaults(world, as_user):
    answer = await as_user("mona").get(targets_of(world.project))

    assert answer.status_code == 200
    first, *_, last = answer.json()["targets"]
    assert first == {
        "priority_id": 5,
        "first_response_minutes": 30,
        "resolution_minutes": 240,
        "is_default": True,
    }
    assert (last["priority_id"], last["resolution_minutes"]) == (1, 20160)


async def test_a_superadmin_sets_some_and_the_rest_keep_their_defaults(world, as_user):
    unwatched = {"priority_id": 1, "first_response_minutes": None, "resolution_minutes": None}

    answer = await as_user("alice").put(
        targets_of(world.project), json={"targets": [FIVE, unwatched]}
    )

    told = answer.json()["targets"]
    assert told[0] == {**FIVE, "is_default": False}
    assert told[4] == {**unwatched, "is_default": False}
    assert [target["is_default"] for target in told] == [False, True, True, True, False]
    assert (await as_user("adam").get(targets_of(world.project))).json() == answer.json()


async def test_what_is_set_replaces_what_was_set_before(world, as_user):
    alice, address = as_user("alice"), targets_of(world.project)
    before = (await alice.get(address)).json()
    await alice.put(address, json={"targets": [FIVE]})

    answer = await alice.put(address, json={"targets": []})

    assert answer.json() == before


async def test_another_project_has_targets_of_its_own(world, as_user):
    before = (await as_user("stella").get(targets_of(world.other_project))).json()

    await as_user("alice").put(targets_of(world.project), json={"targets": [FIVE]})

    assert (await as_user("stella").get(targets_of(world.other_project))).json() == before


@pytest.mark.parametrize(
    ("person", "reads", "writes"),
    [
        ("alice", 200, 200),
        ("root", 200, 200),
        ("adam", 200, 403),
        ("mona", 200, 403),
        ("uma", 403, 403),
        ("stan", 404, 404),
        ("stella", 404, 404),
    ],
)
async def test_who_sees_reports_reads_and_superadmins_write(world, as_user, person, reads, writes):
    before, client = await everything_stored(), as_user(person)

    read = await client.get(targets_of(world.project))
    written = await client.put(targets_of(world.project), json={"targets": [FIVE]})

    assert (read.status_code, written.status_code) == (reads, writes)
    assert (await everything_stored() == before) == (writes != 200)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "This field is required."),
        ({"targets": None}, "This field may not be null."),
        ({"targets": FIVE}, "Expected a list of items."),
        ({"targets": [{}]}, 'Each item needs the field "priority_id".'),
        ({"targets": [{**FIVE, "priority_id": 0}]}, "greater than or equal to 1"),
        ({"targets": [{**FIVE, "priority_id": 6}]}, "less than or equal to 5"),
        ({"targets": [{**FIVE, "first_response_minutes": 0}]}, "greater than or equal to 1"),
        ({"targets": [{**FIVE, "resolution_minutes": 10**9}]}, "less than or equal to 525600"),
        ({"targets": [{**FIVE, "resolution_minutes": "soon"}]}, "A valid integer is required."),
        ({"targets": [FIVE, FIVE]}, "Name each priority once."),
        (
            {"targets": [{**FIVE, "first_response_minutes": 61}]},
            "A first response cannot be due after the resolution.",
        ),
    ],
)
async def test_wrong_targets_are_named_and_change_nothing(world, as_user, body, wrong):
    before = await everything_stored()

    answer = await as_user("alice").put(targets_of(world.project), json=body)

    assert answer.status_code == 400
    assert wrong in answer.json()["targets"][0]
    assert await everything_stored() == before


async def test_two_at_once_leave_the_targets_of_one_of_them(world, as_user):
    alice, address = as_user("alice"), targets_of(world.project)
    ones = [{**FIVE, "priority_id": priority} for priority in (1, 2, 3)]
    others = [{**FIVE, "priority_id": priority} for priority in (3, 4, 5)]

    answers = await asyncio.gather(
        *(alice.put(address, json={"targets": chosen}) for chosen in (ones, others) * 4)
    )

    assert {answer.status_code for answer in answers} == {200}
    told = (await alice.get(address)).json()["targets"]
    own = {target["priority_id"] for target in told if not target["is_default"]}
    assert own in ({1, 2, 3}, {3, 4, 5})


async def test_the_targets_of_a_deleted_project_go_with_it(world, as_user):
    await as_user("alice").put(targets_of(world.project), json={"targets": [FIVE]})

    await as_user("alice").delete(f"/tickets/projects/{world.project}/")

    assert await scalar(Sql("SELECT count(*) FROM sla_watch_target"), int) == 0


@pytest.mark.parametrize("values", ["6, 1, 2", "5, 0, 2", "5, 3, 2"])
async def test_the_database_itself_refuses_targets_that_make_no_sense(world, values):
    columns = "project, priority_id, first_response_minutes, resolution_minutes"
    insert = f"INSERT INTO sla_watch_target ({columns}) VALUES ({{}}, {values})"

    with pytest.raises(Exception, match="violates check constraint"):
        await execute(Sql(insert, world.project))
