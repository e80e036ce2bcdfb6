"""What triggers keep for dashboards is what there is, whoever changes what at once."""

import asyncio
import datetime as dt
import random

import pytest

from tests.recount import recount
from tests.waiting import has_to_wait, somebody_else
from tests.world import add_ticket
from ticketing_server.core.clock import today
from ticketing_server.core.db import Sql, execute, scalar, scalars

TICKETS = "/tickets/tickets/"
YESTERDAY = today() - dt.timedelta(days=1)
MOVES = 'UPDATE ticket SET "column" = {done}, resolved_at = now() WHERE id = {held}'
ASSIGNS = """
INSERT INTO ticket_assignee (project, ticket, account) VALUES ({project}, {held}, {alice})
"""
UNASSIGNS = "DELETE FROM ticket_assignee WHERE ticket = {held} AND account = {adam}"


@pytest.fixture
async def names(world):
    """For statements and requests: adam holds an urgent ticket of Acme's, and others have none."""
    people, columns, companies = world.people, world.columns, world.companies
    held = await add_ticket(world.project, columns["New"], people["uma"], "Held", companies["Acme"])
    named = {
        **people,
        "project": world.project,
        "held": held,
        "free": world.printer,
        "new": columns["New"],
        "progress": columns["In Progress"],
        "done": columns["Done"],
        "acme": companies["Acme"],
        "globex": companies["Globex"],
    }
    await run("UPDATE ticket SET priority_id = 4 WHERE id IN ({held}, {free})", named)
    await run(ASSIGNS.replace("{alice}", "{adam}"), named)
    await run("INSERT INTO event (project, ticket, action) VALUES ({project}, {held}, 'x')", named)
    assert await recount() == []
    return named


async def run(statement, named):
    await execute(Sql(statement.format(**named)))


# What each does to one ticket, to many, and at once with something else.
CHANGES = {
    "comes": """INSERT INTO ticket (project, "column", name, company, due_date)
        VALUES ({project}, {new}, 'x', {acme}, '2020-01-01')""",
    "comes without a company": """INSERT INTO ticket (project, "column", name, urgency)
        VALUES ({project}, {new}, 'x', 'critical')""",
    "comes with its assignee": """WITH come AS (
            INSERT INTO ticket (project, "column", name, company, priority_id)
            VALUES ({project}, {new}, 'x', {acme}, 5) RETURNING id)
        INSERT INTO ticket_assignee (project, ticket, account) SELECT {project}, id, {adam}
        FROM come""",
    "calms down": "UPDATE ticket SET priority_id = 1 WHERE id = {held}",
    "becomes critical": "UPDATE ticket SET urgency = 'critical' WHERE id = {held}",
    "is due": "UPDATE ticket SET due_date = '2020-01-01'",
    "is due some day": "UPDATE ticket SET priority_id = 1, due_date = '2120-01-01'",
    "changes hands": "UPDATE ticket SET company = {globex} WHERE id = {held}",
    "is nobody's": "UPDATE ticket SET company = NULL WHERE id = {held}",
    "loses its reporter": "UPDATE ticket SET reporter = NULL",
    "is moved": 'UPDATE ticket SET "column" = {progress} WHERE project = {project}',
    "is resolved": MOVES,
    "was resolved long ago": """UPDATE ticket SET "column" = {done}, resolved_at = '2020-01-01'
        WHERE id = {held}""",
    "is deleted": "DELETE FROM ticket WHERE id = {held}",
    "is assigned": ASSIGNS,
    "is given up": UNASSIGNS,
    "is handed over": f"WITH gone AS ({UNASSIGNS}) {ASSIGNS}",
    "is moved and assigned at once": f"WITH moved AS ({MOVES}) {ASSIGNS}",
    "is moved and given up at once": f"WITH moved AS ({MOVES}) {UNASSIGNS}",
    "is assigned somewhere else": "UPDATE ticket_assignee SET ticket = {free}",
    "is assigned to somebody else": "UPDATE ticket_assignee SET account = {alice}",
    "loses its agent": "DELETE FROM account WHERE id = {adam}",
    "loses its project": "DELETE FROM project WHERE id = {project}",
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
async def test_a_ticket_that_changes_is_kept_as_it_is(names, what):
    await run(CHANGES[what], names)

    assert await recount() == []


@pytest.mark.parametrize("what", CHANGES)
async def test_a_ticket_that_was_resolved_and_is_open_again_is_kept_as_it_is(names, what):
    await run(MOVES, names)
    await run(CHANGES[what], names)
    await run('UPDATE ticket SET "column" = {new}, resolved_at = NULL WHERE id = {held}', names)

    assert await recount() == []


# What somebody does whose transaction goes on, and what somebody else does who waits for it.
AT_ONCE = {
    "two who each take one of two assignees away": (
        UNASSIGNS, "DELETE FROM ticket_assignee WHERE ticket = {held} AND account = {alice}",
    ),
    "one who assigns and one who takes away": (ASSIGNS, UNASSIGNS),
    "one who takes away and one who assigns": (UNASSIGNS, ASSIGNS),
    "one who assigns and one who moves": (ASSIGNS, MOVES),
    "one who moves and one who assigns": (MOVES, ASSIGNS),
    "one who takes away and one who moves": (UNASSIGNS, MOVES),
    "one who moves and one who takes away": (MOVES, UNASSIGNS),
    "one who takes away and one who hurries": (
        UNASSIGNS, "UPDATE ticket SET priority_id = 5 WHERE id = {held}",
    ),
    "one who hurries and one who takes away": (
        "UPDATE ticket SET priority_id = 5 WHERE id = {held}", UNASSIGNS,
    ),
    "one who comments and one who hands over": (
        "INSERT INTO event (project, ticket, action) VALUES ({project}, {held}, 'x')",
        "UPDATE ticket SET company = {globex} WHERE id = {held}",
    ),
    "one who hands over and one who comments": (
        "UPDATE ticket SET company = {globex} WHERE id = {held}",
        "INSERT INTO event (project, ticket, action) VALUES ({project}, {held}, 'x')",
    ),
}  # fmt: skip


@pytest.mark.parametrize("calm", [False, True])
@pytest.mark.parametrize("who", AT_ONCE)
async def test_of_two_at_once_the_last_sees_both(names, who, calm):
    first, second = AT_ONCE[who]
    if "two assignees" in who:
        await run(ASSIGNS, names)
    if calm:
        await run("UPDATE ticket SET priority_id = 1, due_date = '2020-01-01'", names)

    async with somebody_else() as other:
        await other.execute(first.format(**names))
        task = asyncio.create_task(run(second, names))
        await asyncio.wait([task], timeout=0.2)
    await task

    assert await recount() == []


async def test_a_comment_does_not_wait_for_a_ticket_that_is_being_moved(names, as_user):
    async with somebody_else() as other:
        await other.execute(MOVES.format(**names))
        said = await as_user("mona").post(
            "/tickets/comments/", json={"ticket": names["held"], "content": "Any news?"}
        )

    assert said.status_code == 201


async def test_two_who_take_the_last_assignees_away_wait_for_one_another(names):
    await run(ASSIGNS, names)
    async with somebody_else() as other:
        await other.execute(UNASSIGNS.format(**names))
        waiting = await has_to_wait(run("DELETE FROM ticket_assignee", names))
    await waiting

    unassigned = "SELECT is_urgent_unassigned FROM pressing_ticket WHERE id = {}"
    assert await scalar(Sql(unassigned, names["held"]), bool)


async def test_nothing_is_lost_where_many_change_everything_at_once(as_user, names):
    alice, dice = as_user("alice"), random.Random(7)
    for n in range(4):
        await add_ticket(names["project"], names["new"], names["uma"], f"T{n}", names["acme"])
    tickets = await scalars(Sql("SELECT id FROM ticket WHERE project = {}", names["project"]), int)
    column = f"/tickets/columns/{names['progress']}/"
    requests = [changed_somehow(alice, dice, names, dice.choice(tickets)) for _ in range(60)]
    requests += [
        alice.patch(column, json={"category": "done"}),
        alice.delete(f"{TICKETS}{names['free']}/"),
        alice.patch(column, json={"category": "todo"}),
        alice.delete(f"{column}?move_to={names['done']}"),
    ]
    dice.shuffle(requests)

    answers = await asyncio.gather(*requests)

    statuses = {answer.status_code for answer in answers}
    assert {200, 201, 204} <= statuses
    assert max(statuses) < 500
    assert await recount() == []


def changed_somehow(client, dice, names, ticket):
    fields = {
        "column": [names["new"], names["progress"], names["done"]],
        "priority_id": [1, 4, 5],
        "urgency": ["low", "high", "critical"],
        "due_date": [None, str(YESTERDAY), "2120-01-01"],
        "company": [None, names["acme"], names["globex"]],
        "assignee_ids": [[], [names["adam"]], [names["alice"], names["adam"]]],
    }
    sent = {name: dice.choice(fields[name]) for name in dice.sample([*fields], 2)}
    if dice.random() < 0.2:
        return client.post(TICKETS, json={"name": "New", "column": names["new"], **sent})
    return client.patch(f"{TICKETS}{ticket}/", json=sent)


async def test_folded_counts_say_the_same_in_fewer_rows(names):
    for _ in range(3):
        for what in ("is due", "is moved", "is due some day", "becomes critical", "changes hands"):
            await run(CHANGES[what], names)
    before = await stored()

    await execute(Sql("SELECT fold_pressing_counts(id), fold_assigned_counts(id) FROM project"))

    assert await recount() == []
    assert await stored() < before
    assert await stored() == await scalar(Sql(PLACES), int)


PLACES = """
SELECT (SELECT count(*) FROM (
    SELECT FROM pressing_ticket WHERE company IS NOT NULL GROUP BY project, company, due_date) p)
    + (SELECT count(*) FROM (
        SELECT FROM ticket_assignee GROUP BY project, account, open_in, resolved_on) a)
"""


async def stored():
    rows = "SELECT (SELECT count(*) FROM pressing_count) + (SELECT count(*) FROM assigned_count)"
    return await scalar(Sql(rows), int)


async def test_what_has_been_overdue_for_long_is_folded_into_one_day(names):
    for day in ("2020-01-01", "2021-01-01"):
        await run(f"UPDATE ticket SET due_date = '{day}' WHERE id = {{held}}", names)
    await run("UPDATE ticket SET due_date = '2022-01-01' WHERE id = {free}", names)

    await execute(Sql("SELECT fold_pressing_counts({})", names["project"]))

    days = await scalars(Sql("SELECT due_date FROM pressing_count"), dt.date)
    assert days == [today() - dt.timedelta(days=30)]
    assert await recount() == []


async def test_what_was_resolved_some_days_ago_is_forgotten(names):
    await run(MOVES, names)
    await run("UPDATE assigned_count SET resolved_on = '2020-01-01' WHERE open_in IS NULL", names)

    await execute(Sql("SELECT fold_assigned_counts({})", names["project"]))

    assert await scalar(Sql("SELECT count(*) FROM assigned_count"), int) == 0


async def test_a_project_takes_all_that_was_kept_for_it_along(names):
    await run(MOVES.replace("{held}", "{free}"), names)

    await run("DELETE FROM project WHERE id = {project}", names)

    kept = "SELECT project FROM {} WHERE project = {}"
    for table in ("pressing_ticket", "pressing_count", "assigned_count"):
        assert await scalars(Sql(kept, Sql(table), names["project"]), int) == []


async def test_where_an_assignment_stands_is_no_news_but_whose_it_is_is(names):
    await run("DELETE FROM project_change", names)
    await run("UPDATE ticket_assignee SET open_in = {progress}", names)
    unnoted = await scalars(Sql("SELECT project FROM project_change"), int)

    await run("UPDATE ticket_assignee SET account = {alice}", names)

    assert unnoted == []
    assert await scalars(Sql("SELECT project FROM project_change"), int) == [names["project"]]
