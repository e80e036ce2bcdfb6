"""Two superadmins who remove each other at the same moment leave exactly one (rulings 3.4)."""

import asyncio
import itertools
import os

import pytest

from tests.conftest import client_of, tokens
from tests.world import add_person, add_role
from ticketing_server.core.db import Sql, execute, scalars

ROUNDS = int(os.environ.get("RACE_ROUNDS", "4"))
USERS = "/tickets/users/"
# How one superadmin ends the other: door and body.
WAYS = {
    "remove_role": lambda client, other, project: client.post(
        f"{USERS}{other}/remove_role/", json={"project_id": project}
    ),
    "assign_role": lambda client, other, project: client.post(
        f"{USERS}{other}/assign_role/", json={"project_id": project, "role": "user"}
    ),
    "toggle_active": lambda client, other, _: client.post(f"{USERS}{other}/toggle_active/"),
    "deactivate": lambda client, other, _: client.patch(
        f"{USERS}{other}/", json={"is_active": False}
    ),
    "delete": lambda client, other, _: client.delete(f"{USERS}{other}/"),
}
DONE, TOO_LATE = {200, 204}, {401, 403, 404, 409}


@pytest.fixture
def pair(world, app):
    """Two superadmins of DESK, made there, and nobody else's."""

    async def pair(turn):
        people = [await add_person(f"{name}{turn}") for name in ("pia", "quin")]
        for person in people:
            await add_role(world.project, person, "superadmin")
        await execute(Sql("UPDATE user_role SET assigned_by = {}", people[0]))
        await execute(Sql("UPDATE account SET created_in = {}", world.project))
        await execute(
            Sql(
                "DELETE FROM user_role WHERE project = {} AND account <> ALL({}::bigint[])",
                world.project,
                people,
            )
        )
        issued = tokens("a secret for tests that is long enough")
        bearers = [f"Bearer {issued.issue(person, 0).access}" for person in people]
        return people, [client_of(app, Authorization=bearer) for bearer in bearers]

    return pair


async def superadmins(project):
    left = Sql(
        "SELECT a.id FROM user_role r JOIN account a ON a.id = r.account"
        " WHERE r.project = {} AND r.role = 'superadmin' AND a.active",
        project,
    )
    return await scalars(left, int)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations_with_replacement(WAYS, 2)))
async def test_two_superadmins_who_end_each_other_leave_exactly_one(world, pair, one, other):
    for turn in range(ROUNDS):
        (pia, quin), (as_pia, as_quin) = await pair(turn)
        attacks = [
            WAYS[one](as_pia, quin, world.project),
            WAYS[other](as_quin, pia, world.project),
        ]

        answers = await asyncio.gather(*attacks[:: 1 if turn % 2 else -1])

        statuses = {answer.status_code for answer in answers}
        assert len(statuses & DONE) == 1, statuses
        assert len(statuses & TOO_LATE) == 1, statuses
        assert len(await superadmins(world.project)) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_no_company_takes_a_superadmin_away(world, pair, way):
    """A role that came with a company goes with it; superadmin never does (rulings 6.3)."""
    for turn in range(ROUNDS):
        (pia, quin), (as_pia, as_quin) = await pair(turn)
        door = f"/tickets/companies/{world.companies['Acme']}/"
        await as_quin.post(f"{door}assign_admin/", json={"user_id": pia})

        await asyncio.gather(
            as_quin.post(f"{door}remove_admin/", json={"user_id": pia}),
            WAYS[way](as_pia, quin, world.project),
        )

        assert await superadmins(world.project) == [pia]
