"""The dashboards' lists are what one gets who looks at every ticket and every event."""

import datetime as dt
import random

import pytest

from ticketing_server.core.clock import now, today
from ticketing_server.core.db import Sql, execute, rows
from ticketing_server.dashboard.builtin import activity, attention_needed

PEOPLE = ["alice", "mona", "root", "uma", "ugo"]
NEW = """
INSERT INTO ticket (project, "column", name, company, reporter, priority_id, urgency, due_date,
    resolved_at)
VALUES ({}, {}, 'x', {}, {}, {}, {}, {}, {}) RETURNING id
"""
LINK = "INSERT INTO {} (project, ticket, account) VALUES ({}, {}, {})"
EVENT = "INSERT INTO event (project, ticket, action, created_at) VALUES ({}, {}, 'x', {})"
EVENTS = """
SELECT id, ticket, created_at FROM event WHERE project = {} ORDER BY created_at DESC, id DESC
"""


@pytest.fixture
async def crowd(world):
    """Ninety tickets of every kind, of each client and of none, with two events each."""
    dice, people = random.Random(11), world.people
    for _ in range(90):
        column = dice.choice(["New", "New", "New", "Done"])
        values = (
            dice.choice([*world.companies.values(), None]),
            people[dice.choice(["uma", "ugo", "adam"])],
            dice.randint(1, 5),
            dice.choice(["low", "medium", "high", "critical"]),
            dice.choice([None, *(today() + dt.timedelta(days=days) for days in range(-4, 2))]),
            now() if column == "Done" else None,
        )
        new = Sql(NEW, world.project, world.columns[column], *values)
        ticket = (await rows(new, dict[str, int]))[0]["id"]
        for table in dice.choice([[], ["ticket_assignee"], ["ticket_follower", "ticket_assignee"]]):
            person = people[dice.choice(["adam", "uma", "ugo"])]
            await execute(Sql(LINK, Sql(table), world.project, ticket, person))
        for _ in range(2):
            at = now() - dt.timedelta(minutes=dice.randint(0, 40))
            await execute(Sql(EVENT, world.project, ticket, at))
    await execute(Sql(EVENT, world.project, None, now()))


@pytest.fixture(params=["the first tell enough", "the first tell nothing"])
def looked_at(request, monkeypatch):
    """Whether people who see some tickets only find enough among the first of the project."""
    if "nothing" in request.param:
        for widget in (activity, attention_needed):
            monkeypatch.setattr(widget, "LOOKED_AT", 0)


async def seen_by(client, world):
    """All tickets that somebody sees in the project."""
    query = {"project": world.project, "page_size": 100}
    return (await client.get("/tickets/tickets/", params=query)).json()["results"]


async def shown(client, world, slug, limit):
    query = {"project": world.project, "limit": limit}
    return (await client.get(f"/tickets/dashboard/{slug}/", params=query)).json()


def reasons(ticket):
    """rulings 6.6"""
    is_open, urgency = ticket["resolved_at"] is None, ticket["urgency"]
    is_urgent = ticket["priority_id"] >= 4 or urgency in ("high", "critical")
    facts = {
        "overdue": (ticket["due_date"] or "9999") < str(today()),
        "critical": ticket["priority_id"] == 5 or urgency == "critical",
        "urgent_unassigned": is_urgent and not ticket["assignee_ids"],
    }
    return [fact for fact in facts if is_open and facts[fact]]


def place(ticket):
    """rulings 6.10"""
    why = reasons(ticket)
    due = ticket["due_date"] if "overdue" in why else "9999"
    return ("critical" not in why, due, -ticket["priority_id"], -ticket["id"])


@pytest.mark.usefixtures("crowd", "looked_at")
@pytest.mark.parametrize("person", PEOPLE)
async def test_attention_is_drawn_in_the_order_of_the_rulings(world, as_user, person):
    client = as_user(person)
    seen = await seen_by(client, world)
    needing = sorted(filter(reasons, seen), key=place)
    wanted = [{**ticket, "reasons": reasons(ticket)} for ticket in needing]

    for limit in (1, 4, 10, 25, 100):
        assert await shown(client, world, "attention-needed", limit) == wanted[:limit]


@pytest.mark.usefixtures("crowd", "looked_at")
@pytest.mark.parametrize("person", PEOPLE)
async def test_activity_is_that_of_the_tickets_one_sees_newest_first(world, as_user, person):
    client = as_user(person)
    tickets = {ticket["id"] for ticket in await seen_by(client, world)}
    if person in ("alice", "mona", "root"):
        tickets.add(None)
    events = await rows(Sql(EVENTS, world.project), dict[str, object])
    wanted = [event["id"] for event in events if event["ticket"] in tickets]

    for limit in (1, 10, 25, 100):
        found = [item["id"] for item in await shown(client, world, "activity", limit)]
        assert found == wanted[:limit]
