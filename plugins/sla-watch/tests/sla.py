"""What the tests of this plugin share: tickets of a certain age, and how to ask."""

import datetime as dt

from tests.world import add_ticket
from ticketing_server.plugins import Sql, execute, now

A_DAY = 24 * 60
UNWATCHED = {"first_response_minutes": None, "resolution_minutes": None}


async def add_aged(world, name, *, minutes, priority=3, company="Acme", reporter="uma"):
    """A ticket that was created so many minutes ago."""
    ticket = await add_ticket(
        world.project,
        world.columns["New"],
        world.people[reporter],
        name,
        company and world.companies[company],
    )
    await execute(
        Sql(
            "UPDATE ticket SET created_at = {}, priority_id = {} WHERE id = {}",
            now() - dt.timedelta(minutes=minutes),
            priority,
            ticket,
        )
    )
    return ticket


def targets_of(project):
    return f"/plugins/sla-watch/projects/{project}/targets/"


async def set_targets(client, world, **minutes):
    """`set_targets(alice, world, p5=(10, 60))`; priorities left out are not watched."""
    targets = [
        {
            "priority_id": priority,
            **dict(zip(UNWATCHED, minutes.get(f"p{priority}", (None, None)), strict=True)),
        }
        for priority in range(1, 6)
    ]
    answer = await client.put(targets_of(world.project), json={"targets": targets})
    assert answer.status_code == 200


async def ask(client, world, slug, **parameters):
    query = {"project": world.project, **parameters}
    return await client.get(f"/tickets/dashboard/{slug}/", params=query)


async def clocks(client, world, slug="sla-breaches", **parameters):
    """Of each clock told: the ticket's name and the target."""
    answer = await ask(client, world, slug, **parameters)
    return [(item["name"], item["target"]) for item in answer.json()]
