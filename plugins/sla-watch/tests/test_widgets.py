"""Which clocks run, when they are late, who is told, and what an answer costs."""

import datetime as dt

import pytest

from tests.world import add_comment
from ticketing_server.plugins import Sql, execute, now

from .sla import A_DAY, add_aged, ask, clocks, set_targets

SLUGS = ["sla-breaches", "sla-at-risk", "sla-overview"]
BOTH = ["first_response", "resolution"]


async def test_what_is_late_is_told_with_how_late_it_is(world, as_user):
    ticket = await add_aged(world, "Down", minutes=100, priority=5)

    (breach,) = (await ask(as_user("mona"), world, "sla-breaches")).json()

    due = now() - dt.timedelta(minutes=70)
    told = dt.datetime.fromisoformat(breach.pop("due_at"))
    assert abs(told - due) < dt.timedelta(minutes=1)
    assert breach == {
        "ticket": ticket,
        "key": "DESK-2",
        "name": "Down",
        "priority_id": 5,
        "target": "first_response",
        "minutes_over": 70,
    }


async def test_each_target_has_a_clock_and_the_longest_overdue_comes_first(world, as_user):
    alice = as_user("alice")
    await set_targets(alice, world, p5=(10, 60), p4=(10, 20))
    await add_aged(world, "Down", minutes=100, priority=5)
    await add_aged(world, "Slow", minutes=95, priority=4)

    assert await clocks(alice, world) == [
        ("Down", "first_response"),
        ("Slow", "first_response"),
        ("Slow", "resolution"),
        ("Down", "resolution"),
    ]
    assert await clocks(alice, world, limit=1) == [("Down", "first_response")]


async def test_what_will_be_late_within_the_hours_is_at_risk(world, as_user):
    adam = as_user("adam")
    await set_targets(as_user("alice"), world, p5=(60, 600))
    await add_aged(world, "Down", minutes=30, priority=5)

    (risk,) = (await ask(adam, world, "sla-at-risk", hours=1)).json()

    assert (risk["name"], risk["target"], risk["minutes_left"]) == ("Down", "first_response", 30)
    assert await clocks(adam, world, "sla-at-risk", hours=9) == [("Down", "first_response")]
    assert await clocks(adam, world, "sla-at-risk", hours=10) == [("Down", each) for each in BOTH]
    assert await clocks(adam, world, "sla-breaches") == []


@pytest.mark.parametrize(
    ("author", "stops"),
    [("alice", True), ("adam", True), ("uma", False), ("mona", False), ("root", False)],
)
async def test_an_agents_first_comment_is_the_response(world, as_user, author, stops):
    ticket = await add_aged(world, "Down", minutes=A_DAY, priority=5)

    said = {"ticket": ticket, "content": "We are on it."}
    answer = await as_user(author).post("/tickets/comments/", json=said)

    assert answer.status_code == 201
    assert (("Down", "first_response") in await clocks(as_user("alice"), world)) != stops


async def test_nobody_answers_themselves(world, as_user):
    ticket = await add_aged(world, "Down", minutes=A_DAY, priority=5, reporter="adam")
    await add_comment(world.project, ticket, world.people["adam"], "Anybody?")
    unanswered = await clocks(as_user("alice"), world)
    await add_comment(world.project, ticket, world.people["alice"], "Yes.")

    assert unanswered == [("Down", each) for each in BOTH]
    assert await clocks(as_user("alice"), world) == [("Down", "resolution")]


async def test_resolving_stops_both_clocks_and_opening_again_lets_them_run_on(world, as_user):
    ticket, alice = await add_aged(world, "Down", minutes=A_DAY, priority=5), as_user("alice")
    address = f"/tickets/tickets/{ticket}/"

    await alice.patch(address, json={"column": world.columns["Done"]})
    resolved = await clocks(alice, world)
    await alice.patch(address, json={"column": world.columns["New"]})

    assert resolved == []
    assert await clocks(alice, world) == [("Down", each) for each in BOTH]


async def test_the_present_priority_sets_the_target(world, as_user):
    ticket, alice = await add_aged(world, "Odd", minutes=45, priority=3), as_user("alice")
    before = await clocks(alice, world)

    await alice.patch(f"/tickets/tickets/{ticket}/", json={"priority_id": 5})

    assert before == []
    assert await clocks(alice, world) == [("Odd", "first_response")]


async def test_a_target_that_is_null_is_not_watched(world, as_user):
    alice = as_user("alice")
    await add_aged(world, "Down", minutes=400 * A_DAY, priority=5)
    await set_targets(alice, world, p5=(None, 60))
    resolution_alone = await clocks(alice, world)
    await set_targets(alice, world)

    assert resolution_alone == [("Down", "resolution")]
    assert await clocks(alice, world) == []
    overview = (await ask(alice, world, "sla-overview")).json()
    assert {(each["breached"], each["at_risk"], each["ok"]) for each in overview} == {(0, 0, 0)}


async def test_the_overview_counts_each_ticket_once_by_its_most_urgent_clock(world, as_user):
    alice = as_user("alice")
    await set_targets(alice, world, p5=(60, 600), p4=(60, 600))
    await add_aged(world, "Late", minutes=700, priority=5)
    await add_aged(world, "Half late", minutes=90, priority=5)
    await add_aged(world, "Soon late", minutes=30, priority=5)
    answered = await add_aged(world, "Fine", minutes=90, priority=5)
    await add_comment(world.project, answered, world.people["adam"], "Soon.")
    await add_aged(world, "Other", minutes=1, priority=4)

    answer = (await ask(as_user("mona"), world, "sla-overview", hours=1)).json()

    assert answer[0] == {
        "priority_id": 5,
        "label": "Priority 5",
        "breached": 2,
        "at_risk": 1,
        "ok": 1,
    }
    assert [(each["priority_id"], each["at_risk"]) for each in answer] == [
        (5, 1),
        (4, 1),
        (3, 0),
        (2, 0),
        (1, 0),
    ]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    ("person", "status"),
    [("alice", 200), ("adam", 200), ("mona", 200), ("root", 200), ("uma", 403), ("stella", 404)],
)
async def test_it_is_told_to_those_who_see_reports(world, as_user, slug, person, status):
    answer = await ask(as_user(person), world, slug)

    assert answer.status_code == status


async def test_another_projects_tickets_are_not_told(world, as_user):
    long_ago = now() - dt.timedelta(days=300)
    await execute(
        Sql("UPDATE ticket SET created_at = {} WHERE id = {}", long_ago, world.other_ticket)
    )

    assert await clocks(as_user("root"), world) == []
    overview = (await ask(as_user("root"), world, "sla-overview")).json()
    assert sum(each["breached"] for each in overview) == 0


@pytest.mark.parametrize(
    ("slug", "wrong"),
    [
        ("sla-breaches", {"limit": 0}),
        ("sla-breaches", {"limit": 101}),
        ("sla-at-risk", {"hours": 0}),
        ("sla-at-risk", {"hours": 721, "limit": 101}),
        ("sla-at-risk", {"limit": "many"}),
        ("sla-overview", {"hours": "soon"}),
    ],
)
async def test_a_wrong_parameter_is_named(world, as_user, slug, wrong):
    answer = await ask(as_user("alice"), world, slug, **wrong)

    assert answer.status_code == 400
    assert answer.json().keys() == wrong.keys()


@pytest.mark.parametrize("slug", SLUGS)
async def test_it_costs_one_statement_however_many_tickets_there_are(
    world, as_user, statements, slug
):
    for number in range(20):
        await add_aged(world, f"Down {number}", minutes=A_DAY, priority=5)
    alice = as_user("alice")

    async with statements() as sent:
        await ask(alice, world, slug)

    who_asks, is_enabled = 1, 1
    assert len(sent) == who_asks + is_enabled + 1


@pytest.mark.parametrize("slug", SLUGS)
async def test_what_it_says_of_its_drawing_is_true_of_its_answer(world, as_user, slug):
    alice = as_user("alice")
    await set_targets(alice, world, p5=(60, 600))
    await add_aged(world, "Down", minutes=90, priority=5)

    listed = {each["slug"]: each for each in (await alice.get("/tickets/dashboard/")).json()}
    rows = (await ask(alice, world, slug, hours=9)).json()

    show = listed[slug]["show"]
    assert {field["name"] for field in show.get("columns") or show["values"]} <= rows[0].keys()
    assert listed[slug]["roles"] == ["superadmin", "admin", "manager"]
