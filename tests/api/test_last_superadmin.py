"""Two superadmins who remove each other at the same moment leave exactly one (rulings 3.4)."""

import itertools

import pytest

from tests.races import in_rounds, statuses
from tests.world import add_person, add_role
from ticketing_server.core.db import Sql, execute, scalars

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

pytestmark = in_rounds(4)


@pytest.fixture
async def pair(race):
    """Two superadmins of DESK, made there, and nobody else's: their ids and their clients."""
    project, people = race.world.project, race.world.people
    for name in ("pia", "quin"):
        people[name] = await add_person(name)
        await add_role(project, people[name], "superadmin")
    both = [people["pia"], people["quin"]]
    await execute(Sql("UPDATE user_role SET assigned_by = {}", both[0]))
    await execute(Sql("UPDATE account SET created_in = {}", project))
    others = "DELETE FROM user_role WHERE project = {} AND account <> ALL({}::bigint[])"
    await execute(Sql(others, project, both))
    return both, [race.as_user("pia"), race.as_user("quin")]


async def superadmins(project):
    left = Sql(
        "SELECT a.id FROM user_role r JOIN account a ON a.id = r.account"
        " WHERE r.project = {} AND r.role = 'superadmin' AND a.active",
        project,
    )
    return await scalars(left, int)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations_with_replacement(WAYS, 2)))
async def test_two_superadmins_who_end_each_other_leave_exactly_one(race, pair, one, other):
    (pia, quin), (as_pia, as_quin) = pair
    project = race.world.project

    answers = await race.run(WAYS[one](as_pia, quin, project), WAYS[other](as_quin, pia, project))

    first, second = sorted(statuses(answers))
    assert (first in DONE, second in TOO_LATE) == (True, True), (first, second)
    assert len(await superadmins(project)) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_no_company_takes_a_superadmin_away(race, pair, way):
    """A role that came with a company goes with it; superadmin never does (rulings 6.3)."""
    (pia, quin), (as_pia, as_quin) = pair
    project = race.world.project
    door = f"/tickets/companies/{race.world.companies['Acme']}/"
    await as_quin.post(f"{door}assign_admin/", json={"user_id": pia})

    await race.run(
        as_quin.post(f"{door}remove_admin/", json={"user_id": pia}),
        WAYS[way](as_pia, quin, project),
    )

    assert await superadmins(project) == [pia]
