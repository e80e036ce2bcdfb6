"""What counts as untouched, whose tickets are counted, and what one answer costs."""

import datetime as dt

import pytest

from tests.world import add_attachment, add_comment, add_ticket
from ticketing_server.plugins import Sql, execute, now

ADDRESS = "/tickets/dashboard/stale-tickets/"


async def add_untouched(world, name, *, days, column="New", company="Acme", reporter="adam"):
    """A ticket that was last changed so many days ago."""
    ticket = await add_ticket(
        world.project,
        world.columns[column],
        world.people[reporter],
        name,
        company and world.companies[company],
    )
    await touched(ticket, days=days)
    return ticket


async def touched(ticket, *, days):
    at = now() - dt.timedelta(days=days)
    await execute(Sql("ALTER TABLE ticket DISABLE TRIGGER ticket_changed"))
    await execute(Sql("UPDATE ticket SET updated_at = {} WHERE id = {}", at, ticket))
    await execute(Sql("ALTER TABLE ticket ENABLE TRIGGER ticket_changed"))


async def ask(client, world, **parameters):
    return await client.get(ADDRESS, params={"project": world.project, **parameters})


async def counts(client, world, **parameters):
    answer = (await ask(client, world, **parameters)).json()
    return {column["name"]: column["count"] for column in answer["columns"]}


async def test_open_tickets_are_counted_by_column_once_untouched_for_long_enough(world, as_user):
    await add_untouched(world, "Scanner", days=8)
    await add_untouched(world, "Plotter", days=20)
    await add_untouched(world, "Router", days=6)
    await add_untouched(world, "Switch", days=9, column="Review")

    new, progress, review = (await ask(as_user("mona"), world)).json()["columns"]

    assert (new["name"], new["count"], new["keys"]) == ("New", 2, ["DESK-3", "DESK-2"])
    assert new["untouched_since"].startswith(str((now() - dt.timedelta(days=20)).date()))
    assert (progress["count"], progress["untouched_since"], progress["keys"]) == (0, None, [])
    assert (review["id"], review["keys"]) == (world.columns["Review"], ["DESK-5"])


@pytest.mark.parametrize(("days", "count"), [(1, 2), (10, 1), (20, 1), (21, 0)])
async def test_days_say_how_long_is_long(world, as_user, days, count):
    await add_untouched(world, "Scanner", days=5)
    await add_untouched(world, "Plotter", days=20)

    assert (await counts(as_user("alice"), world, days=days))["New"] == count


async def test_resolved_tickets_wait_for_nobody(world, as_user):
    ticket = await add_untouched(world, "Fixed", days=0)
    alice = as_user("alice")
    await alice.patch(f"/tickets/tickets/{ticket}/", json={"column": world.columns["Done"]})
    await touched(ticket, days=40)

    assert await counts(alice, world) == {"New": 0, "In Progress": 0, "Review": 0}


async def test_a_comment_an_edit_and_a_file_are_touches(world, as_user):
    for name in ("Commented", "Unsaid", "Edited", "Filed", "Alone"):
        await add_untouched(world, name, days=30)
    alice = as_user("alice")
    tickets = (await alice.get("/tickets/tickets/")).json()["results"]
    by_name = {ticket["name"]: ticket["id"] for ticket in tickets}

    await say_and_take_back(alice, by_name["Unsaid"])
    await alice.post("/tickets/comments/", json={"ticket": by_name["Commented"], "content": "Hm."})
    await alice.patch(f"/tickets/tickets/{by_name['Edited']}/", json={"priority_id": 1})
    await add_attachment(world.project, by_name["Filed"], world.people["adam"], "log.txt")

    new, *_ = (await ask(alice, world)).json()["columns"]
    assert new["keys"] == ["DESK-6"]


async def say_and_take_back(client, ticket):
    said = await client.post("/tickets/comments/", json={"ticket": ticket, "content": "Oops."})
    await client.delete(f"/tickets/comments/{said.json()['id']}/")


async def test_following_a_ticket_is_no_touch(world, as_user):
    ticket = await add_untouched(world, "Scanner", days=30)

    await as_user("mona").post(f"/tickets/tickets/{ticket}/toggle_follow/")

    assert (await counts(as_user("mona"), world))["New"] == 1


async def test_a_user_is_told_of_the_tickets_they_see_and_no_others(world, as_user):
    await add_untouched(world, "Ours", days=30, company="Acme")
    await add_untouched(world, "Theirs", days=90, company="Globex")

    umas, *_ = (await ask(as_user("uma"), world)).json()["columns"]
    alices, *_ = (await ask(as_user("alice"), world)).json()["columns"]

    assert (umas["count"], umas["keys"]) == (1, ["DESK-2"])
    assert alices["keys"] == ["DESK-3", "DESK-2"]


async def test_another_projects_tickets_are_neither_counted_nor_to_be_asked_for(world, as_user):
    await touched(world.other_ticket, days=90)

    assert await counts(as_user("root"), world) == {"New": 0, "In Progress": 0, "Review": 0}
    theirs = await as_user("alice").get(ADDRESS, params={"project": world.other_project})
    assert (theirs.status_code, theirs.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize(("keys", "named"), [(0, []), (1, ["DESK-3"]), (20, ["DESK-3", "DESK-2"])])
async def test_keys_say_how_many_tickets_are_named(world, as_user, keys, named):
    await add_untouched(world, "Scanner", days=8)
    await add_untouched(world, "Plotter", days=20)

    new, *_ = (await ask(as_user("alice"), world, keys=keys)).json()["columns"]

    assert (new["count"], new["keys"]) == (2, named)


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"days": 366}, {"days": "week"}, {"keys": -1}, {"keys": 21}]
)
async def test_a_wrong_parameter_is_named(world, as_user, wrong):
    answer = await ask(as_user("alice"), world, **wrong)

    assert answer.status_code == 400
    assert answer.json().keys() == wrong.keys()


async def test_it_costs_one_statement_however_many_tickets_there_are(world, as_user, statements):
    alice = as_user("alice")
    for number in range(20):
        ticket = await add_untouched(world, f"Old {number}", days=30)
        await add_comment(world.project, ticket, world.people["adam"], "Still there.")

    async with statements() as sent:
        await ask(alice, world)

    who_asks, is_enabled = 1, 1
    assert len(sent) == who_asks + is_enabled + 1


async def test_what_it_says_of_its_drawing_is_true_of_its_answer(world, as_user):
    alice = as_user("alice")

    listed = (await alice.get("/tickets/dashboard/")).json()
    widget = next(each for each in listed if each["slug"] == "stale-tickets")
    rows = (await ask(alice, world)).json()[widget["show"]["rows"]]

    assert (widget["kind"], widget["plugin"]) == ("table", "stale-tickets")
    assert {column["name"] for column in widget["show"]["columns"]} <= rows[0].keys()
