"""The counts of a company, for those who see some of its tickets only."""

import pytest

from tests.world import add_role, add_ticket
from ticketing_server.core.db import Sql, execute

SHARED = "INSERT INTO company_project (project, company) VALUES ({}, {})"
RESOLVE = """
UPDATE ticket t SET "column" = c.id, resolved_at = now() FROM board_column c
WHERE t.id = {} AND c.project = t.project AND c.category = 'done'
"""


@pytest.fixture
async def elsewhere(world):
    """Acme lies in OTHER, too, where adam is a user: of its two tickets there one is his."""
    project, acme, people = world.other_project, world.companies["Acme"], world.people
    await execute(Sql(SHARED, project, acme))
    await add_role(project, people["adam"], "user")
    his = await add_ticket(project, world.other_column, people["adam"], "His", acme)
    await add_ticket(project, world.other_column, people["stella"], "Hers", acme)
    await execute(Sql("UPDATE ticket SET priority_id = 5 WHERE project = {}", project))
    return his


async def stats(client, company, **query):
    return (await client.get(f"/tickets/companies/{company}/stats/", params=query)).json()


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("person", "open_tickets", "critical"),
    [
        ("root", 3, ["OTHER-2", "OTHER-3"]),
        ("stella", 2, ["OTHER-2", "OTHER-3"]),
        ("adam", 2, ["OTHER-2"]),
        ("mona", 1, []),
        ("uma", 1, []),
    ],
)
async def test_stats_are_of_the_tickets_that_one_sees(
    world, as_user, person, open_tickets, critical
):
    acme = world.companies["Acme"]

    found = await stats(as_user(person), acme)

    assert (found["open_tickets"], found["total_tickets"]) == (open_tickets, open_tickets)
    assert [reason["tickets"] for reason in found["reasons"]] == ([critical] if critical else [])
    listed = await as_user(person).get(f"/tickets/companies/{acme}/tickets/")
    assert len(listed.json()) == open_tickets


@pytest.mark.parametrize(
    ("projects", "expected"),
    [
        (["project"], (1, 0, 1)),
        (["other_project"], (0, 1, 1)),
        (["project", "other_project"], (1, 1, 2)),
    ],
)
async def test_stats_can_be_of_one_project_or_several(
    world, as_user, elsewhere, projects, expected
):
    await execute(Sql(RESOLVE, elsewhere))
    asked = [getattr(world, project) for project in projects]

    found = await stats(as_user("adam"), world.companies["Acme"], project=asked)

    names = ("open_tickets", "resolved_this_month", "total_tickets")
    assert tuple(found[name] for name in names) == expected
    assert found["last_activity"] is not None
