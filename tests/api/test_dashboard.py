"""The six documented dashboards and the list of widgets (rulings 6.6, 6.10)."""

import datetime as dt

import pytest

from tests.world import add_company, add_ticket, everything_stored
from ticketing_server.core.clock import now, today
from ticketing_server.core.db import Sql, execute, scalar

ALL = ["activity", "attention-needed", "company-health", "kanban-summary", "newest", "workload"]
ARRAYS = ["activity", "attention-needed", "newest"]
REPORTS = ["company-health", "workload"]


async def dashboard(client, world, slug, **parameters):
    query = {"project": world.project, **parameters}
    return await client.get(f"/tickets/dashboard/{slug}/", params=query)


async def add_tickets(world, *names, company="Acme", column="New", **values):
    """Tickets of adam's, with these columns set; the id of the last."""
    for name in names:
        ticket = await add_ticket(
            world.project,
            world.columns[column],
            world.people["adam"],
            name,
            company and world.companies[company],
        )
        for field, value in values.items():
            await execute(Sql(f"UPDATE ticket SET {field} = {{}} WHERE id = {{}}", value, ticket))
    return ticket


async def assign(world, ticket, person):
    await execute(
        Sql(
            "INSERT INTO ticket_assignee (project, ticket, account) VALUES ({}, {}, {})",
            world.project,
            ticket,
            world.people[person],
        )
    )


def days_ago(days):
    return today() - dt.timedelta(days=days)


@pytest.mark.parametrize("slug", ALL)
async def test_a_dashboard_is_of_a_project_that_must_be_named(world, as_user, slug):
    alice = as_user("alice")

    unnamed = await alice.get(f"/tickets/dashboard/{slug}/")
    wrong = [await dashboard(alice, world, slug, project=id) for id in ("0", "x", "-1", 2**80)]

    assert unnamed.status_code == 400
    assert unnamed.json() == {"project": ["This field is required."]}
    assert [answer.status_code for answer in wrong] == [400] * 4
    assert {tuple(answer.json()) for answer in wrong} == {("project",)}


@pytest.mark.parametrize("person", ["alice", "adam", "uma", "mona", "stan"])
@pytest.mark.parametrize("slug", ALL)
async def test_a_strangers_project_is_not_there(world, as_user, slug, person):
    theirs = await dashboard(as_user(person), world, slug, project=world.other_project)
    nobodys = await dashboard(as_user(person), world, slug, project=987654)

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json() == {"detail": "Not found."}


@pytest.mark.parametrize("person", ["alice", "adam", "uma", "mona", "root"])
@pytest.mark.parametrize("slug", ALL)
async def test_every_member_sees_the_lists_and_those_who_oversee_the_reports(
    world, as_user, slug, person
):
    answer = await dashboard(as_user(person), world, slug)

    if person == "uma" and slug in REPORTS:
        assert answer.status_code == 403
        assert answer.json() == {
            "detail": "You do not have permission to perform this action.",
            "action": "view_reports",
            "role": "user",
            "roles_allowed": ["superadmin", "admin", "manager"],
        }
    else:
        assert answer.status_code == 200


@pytest.mark.parametrize("slug", ALL)
async def test_a_dashboard_costs_two_statements_however_much_there_is(
    world, as_user, slug, statements
):
    alice = as_user("alice")
    async with statements() as with_one_ticket:
        await dashboard(alice, world, slug)
    await add_tickets(world, *map(str, range(30)), priority_id=5, due_date=days_ago(3))

    async with statements() as with_many:
        await dashboard(alice, world, slug)

    who_asks = 1
    assert len(with_many) == len(with_one_ticket) == who_asks + 2


@pytest.mark.parametrize("slug", ["activity", "attention-needed"])
async def test_what_a_user_sees_too_little_of_at_first_costs_one_statement_more(
    world, as_user, slug, statements
):
    await add_tickets(world, *map(str, range(30)), priority_id=5, company="Globex")

    async with statements() as sent:
        answer = await dashboard(as_user("uma"), world, slug)

    assert answer.json() == []
    who_asks = 1
    assert len(sent) == who_asks + 3


@pytest.mark.parametrize("slug", ARRAYS)
async def test_an_array_takes_a_limit_and_a_page(world, as_user, slug):
    await add_tickets(world, "Scanner", "Plotter", "Router", priority_id=5)
    await execute(
        Sql(
            "INSERT INTO event (project, ticket, actor, action)"
            " SELECT project, id, reporter, 'created' FROM ticket"
        )
    )
    alice = as_user("alice")

    limited = await dashboard(alice, world, slug, limit=3)
    page = await dashboard(alice, world, slug, limit=3, page=2, page_size=2)
    wrong = [await dashboard(alice, world, slug, limit=limit) for limit in (0, 101, "many")]

    assert len(limited.json()) == 3
    assert limited.headers["x-total-count"] == page.headers["x-total-count"] == "3"
    assert page.json() == limited.json()[2:]
    assert 'rel="prev"' in page.headers["link"]
    assert [answer.status_code for answer in wrong] == [400] * 3
    assert {tuple(answer.json()) for answer in wrong} == {("limit",)}


async def test_a_parameter_that_a_dashboard_does_not_know_is_named(world, as_user):
    answer = await dashboard(as_user("alice"), world, "workload", limit=3, projekt=1)

    assert answer.status_code == 200
    assert answer.headers["x-unknown-parameters"] == "limit, projekt"


async def test_newest_are_the_callers_own_newest_first(world, as_user):
    await add_tickets(world, "Scanner", company="Globex")
    await add_tickets(world, "Plotter", company="Acme")

    alices = (await dashboard(as_user("alice"), world, "newest")).json()
    umas = (await dashboard(as_user("uma"), world, "newest")).json()

    assert [ticket["name"] for ticket in alices] == ["Plotter", "Scanner", "Printer"]
    assert [ticket["name"] for ticket in umas] == ["Plotter", "Printer"]
    one = await as_user("uma").get(f"/tickets/tickets/{world.printer}/")
    assert umas[1] == one.json()


async def test_attention_is_needed_by_critical_overdue_and_urgent_tickets_of_nobody(world, as_user):
    await add_tickets(world, "Late", due_date=days_ago(2))
    await add_tickets(world, "Later", due_date=days_ago(9))
    await add_tickets(world, "Burning", urgency="critical", due_date=days_ago(1))
    await add_tickets(world, "Urgent", urgency="high")
    await add_tickets(world, "High", priority_id=4)
    await assign(world, await add_tickets(world, "Taken", urgency="high"), "adam")
    await add_tickets(world, "Due today", due_date=today())
    await add_tickets(world, "Over", column="Done", priority_id=5, resolved_at=now())

    answer = (await dashboard(as_user("mona"), world, "attention-needed")).json()

    assert [(ticket["name"], ticket["reasons"]) for ticket in answer] == [
        ("Burning", ["overdue", "critical", "urgent_unassigned"]),
        ("Later", ["overdue"]),
        ("Late", ["overdue"]),
        ("High", ["urgent_unassigned"]),
        ("Urgent", ["urgent_unassigned"]),
    ]


async def test_attention_of_other_clients_tickets_is_not_asked_from_a_user(world, as_user):
    await add_tickets(world, "Theirs", company="Globex", priority_id=5)
    await add_tickets(world, "Ours", company="Acme", priority_id=5)

    answer = (await dashboard(as_user("uma"), world, "attention-needed")).json()

    assert [ticket["name"] for ticket in answer] == ["Ours"]


async def test_activity_tells_who_did_what_newest_first(world, as_user):
    await as_user("alice").patch(f"/tickets/tickets/{world.printer}/", json={"priority_id": 4})
    await as_user("mona").post(
        "/tickets/comments/", json={"ticket": world.printer, "content": "Any news?"}
    )

    said, changed = (await dashboard(as_user("uma"), world, "activity")).json()

    assert said["action"] == "commented"
    assert said["user"]["username"] == "mona"
    assert changed == {
        "id": changed["id"],
        "ticket": world.printer,
        "ticket_key": "DESK-1",
        "ticket_name": "Printer",
        "user": {
            "id": world.people["alice"],
            "username": "alice",
            "first_name": "Alice",
            "last_name": "",
        },
        "action": "changed",
        "field": "priority_id",
        "old_value": 3,
        "new_value": 4,
        "created_at": changed["created_at"],
    }


async def test_activity_on_other_clients_tickets_is_hidden_from_a_user(world, as_user):
    theirs = await add_tickets(world, "Theirs", company="Globex")
    await as_user("alice").patch(f"/tickets/tickets/{theirs}/", json={"name": "Still theirs"})

    alices = (await dashboard(as_user("alice"), world, "activity")).json()
    umas = (await dashboard(as_user("uma"), world, "activity")).json()

    assert [item["ticket"] for item in alices] == [theirs]
    assert umas == []


async def test_a_deletion_is_told_to_those_who_saw_every_ticket(world, as_user):
    await as_user("alice").delete(f"/tickets/tickets/{world.printer}/")

    (monas,) = (await dashboard(as_user("mona"), world, "activity")).json()
    umas = (await dashboard(as_user("uma"), world, "activity")).json()

    assert (monas["action"], monas["ticket"]) == ("deleted", None)
    assert (monas["ticket_key"], monas["ticket_name"]) == ("DESK-1", "Printer")
    assert umas == []


async def test_workload_counts_what_each_agent_has_to_do(world, as_user):
    await assign(world, world.printer, "adam")
    await assign(world, await add_tickets(world, "Scanner", column="In Progress"), "adam")
    await assign(world, await add_tickets(world, "Fixed", column="Done", resolved_at=now()), "adam")
    yesterday = now() - dt.timedelta(days=1)
    old = await add_tickets(world, "Old", column="Done", resolved_at=yesterday)
    await assign(world, old, "adam")
    await assign(world, world.printer, "uma")

    answer = (await dashboard(as_user("mona"), world, "workload")).json()

    counts = [
        (agent["username"], agent["assigned_count"], agent["in_progress_count"])
        for agent in answer["agents"]
    ]
    assert counts == [("adam", 2, 1), ("alice", 0, 0)]
    assert [agent["resolved_today"] for agent in answer["agents"]] == [1, 0]
    assert {agent["id"] for agent in answer["agents"]} == {
        world.people["adam"],
        world.people["alice"],
    }


async def test_kanban_summary_counts_what_the_caller_sees_in_each_column(world, as_user):
    await add_tickets(world, "Theirs", company="Globex")
    await add_tickets(world, "Ours", column="Done")

    alices = (await dashboard(as_user("alice"), world, "kanban-summary")).json()["columns"]
    umas = (await dashboard(as_user("uma"), world, "kanban-summary")).json()["columns"]

    assert [(column["name"], column["count"]) for column in alices] == [
        ("New", 2),
        ("In Progress", 0),
        ("Review", 0),
        ("Done", 1),
    ]
    assert [column["count"] for column in umas] == [1, 0, 0, 1]
    assert alices[0]["id"] == world.columns["New"]


async def test_company_health_says_how_each_client_fares_and_why(world, as_user):
    await add_tickets(world, "Burning", "On fire", company="Acme", priority_id=5)
    await add_tickets(world, "Late", company="Globex", due_date=days_ago(1))
    await add_company("Initech", world.project)

    answer = (await dashboard(as_user("mona"), world, "company-health")).json()

    acme, globex, initech = answer["companies"]
    assert acme == {
        "id": world.companies["Acme"],
        "name": "Acme",
        "health_status": "critical",
        "open_tickets": 3,
        "urgent_tickets": 2,
        "overdue_tickets": 0,
        "reasons": [
            {"rule": "critical", "threshold": 1, "count": 2, "tickets": ["DESK-2", "DESK-3"]}
        ],
    }
    assert (globex["health_status"], globex["overdue_tickets"]) == ("attention", 1)
    assert globex["reasons"][0]["tickets"] == ["DESK-4"]
    assert (initech["health_status"], initech["open_tickets"]) == ("inactive", 0)


async def test_company_health_agrees_with_the_stats_of_each_company(world, as_user):
    mona = as_user("mona")
    await add_tickets(world, "a", "b", "c", "d", company="Acme", due_date=days_ago(2))
    await add_tickets(world, "e", company="Globex", urgency="high")
    await add_tickets(world, "f", company="Globex", column="Done", resolved_at=now())

    companies = (await dashboard(mona, world, "company-health")).json()["companies"]

    for company in companies:
        stats = (await mona.get(f"/tickets/companies/{company['id']}/stats/")).json()
        shared = company.keys() & stats.keys()
        assert shared >= {"health_status", "open_tickets", "urgent_tickets", "reasons"}
        assert {name: company[name] for name in shared} == {name: stats[name] for name in shared}


async def test_company_health_counts_the_tickets_of_this_project_alone(world, as_user):
    stella = world.people["stella"]
    await execute(
        Sql(
            "INSERT INTO company_project (project, company) VALUES ({}, {})",
            world.other_project,
            world.companies["Acme"],
        )
    )
    await add_ticket(
        world.other_project, world.other_column, stella, "Elsewhere", world.companies["Acme"]
    )

    companies = (await dashboard(as_user("root"), world, "company-health")).json()["companies"]

    assert [(c["name"], c["open_tickets"]) for c in companies] == [("Acme", 1), ("Globex", 0)]


async def test_the_list_of_widgets_says_how_to_ask_and_draw_each(world, as_user):
    found = {
        item["slug"]: item for item in (await as_user("uma").get("/tickets/dashboard/")).json()
    }

    assert sorted(slug for slug in found if found[slug]["plugin"] == "ticketing-server") == ALL
    newest = found["newest"]
    assert newest["kind"] == newest["show"]["kind"] == "list"
    assert newest["path"] == "/api/tickets/dashboard/newest/"
    assert newest["roles"] == ["superadmin", "admin", "user", "manager"]
    assert [parameter["name"] for parameter in newest["parameters"]] == ["project", "limit"]
    assert newest["parameters"][1]["schema"] == {
        "description": "At most so many tickets.",
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 10,
    }
    assert found["workload"]["roles"] == ["superadmin", "admin", "manager"]


async def test_what_a_widget_says_of_its_drawing_is_true_of_its_answer(world, as_user):
    alice = as_user("alice")
    await as_user("alice").patch(f"/tickets/tickets/{world.printer}/", json={"priority_id": 5})

    listed = {item["slug"]: item for item in (await alice.get("/tickets/dashboard/")).json()}
    for widget in map(listed.get, ALL):
        answer = (await dashboard(alice, world, widget["slug"])).json()
        show = widget["show"]
        rows = answer[show["rows"]] if show["rows"] else answer
        named = [field["name"] for field in show.get("columns") or show.get("values") or []]
        named += [field["name"] for field in show.get("details", [])]
        named += [show[name] for name in ("label", "title") if name in show]
        assert rows
        assert set(named) <= rows[0].keys()


async def test_a_project_shows_the_widgets_that_its_superadmin_chose_in_that_order(world, as_user):
    chosen = ["newest", "company-health"]
    answer = await as_user("alice").patch(
        f"/tickets/projects/{world.project}/", json={"widgets": chosen}
    )

    assert answer.status_code == 200
    assert answer.json()["widgets"] == chosen
    query = f"/tickets/dashboard/?project={world.project}"
    alices, umas = (await as_user("alice").get(query)), (await as_user("uma").get(query))
    assert [widget["slug"] for widget in alices.json()] == chosen
    assert [widget["slug"] for widget in umas.json()] == ["newest"]
    gone = await dashboard(as_user("alice"), world, "activity")
    assert gone.status_code == 404
    assert gone.json() == {"detail": 'The widget "activity" is not enabled in this project.'}


async def test_null_brings_all_widgets_back(world, as_user):
    project = f"/tickets/projects/{world.project}/"
    await as_user("alice").patch(project, json={"widgets": []})
    none = await as_user("alice").get(f"/tickets/dashboard/?project={world.project}")

    answer = await as_user("alice").patch(project, json={"widgets": None})

    assert none.json() == []
    assert answer.json()["widgets"] is None
    assert (await dashboard(as_user("uma"), world, "activity")).status_code == 200


@pytest.mark.parametrize(
    "widgets", [["nonsense"], ["newest", "newest"], "newest", [1], {"newest": True}]
)
async def test_a_wrong_choice_of_widgets_is_refused_and_changes_nothing(world, as_user, widgets):
    before = await everything_stored()

    answer = await as_user("alice").patch(
        f"/tickets/projects/{world.project}/", json={"widgets": widgets, "name": "Changed"}
    )

    assert answer.status_code == 400
    assert list(answer.json()) == ["widgets"]
    assert await everything_stored() == before


async def test_a_chosen_widget_stays_chosen_while_its_plugin_is_away(world, as_user):
    await execute(
        Sql("UPDATE project SET widgets = {} WHERE id = {}", ["gone", "newest"], world.project)
    )

    answer = await as_user("alice").patch(
        f"/tickets/projects/{world.project}/", json={"widgets": ["newest", "gone"]}
    )

    assert answer.status_code == 200
    listed = await as_user("alice").get(f"/tickets/dashboard/?project={world.project}")
    assert [widget["slug"] for widget in listed.json()] == ["newest"]


@pytest.mark.parametrize("person", ["adam", "uma", "mona"])
async def test_only_a_superadmin_chooses_the_widgets(world, as_user, person):
    answer = await as_user(person).patch(
        f"/tickets/projects/{world.project}/", json={"widgets": ["newest"]}
    )

    assert answer.status_code == 403
    assert await scalar(Sql("SELECT count(*) FROM project WHERE widgets IS NOT NULL"), int) == 0


async def test_the_widgets_of_a_strangers_project_are_not_listed(world, as_user):
    answer = await as_user("alice").get(f"/tickets/dashboard/?project={world.other_project}")

    assert answer.status_code == 404
