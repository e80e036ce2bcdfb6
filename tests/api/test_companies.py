"""Companies over HTTP: who sees, creates, changes and deletes them, how they fare (rulings 6)."""

import asyncio
import datetime as dt

import pytest

from tests.world import add_company, add_role, add_ticket, everything_stored
from ticketing_server.core.db import Sql, execute, row, rows, scalar

COMPANIES = "/tickets/companies/"
ITEM_KEYS = [
    "id",
    "name",
    "description",
    "logo_url",
    "logo_thumbnail_url",
    "primary_contact_email",
    "phone",
    "admin_count",
    "user_count",
    "ticket_count",
    "project_count",
    "admin_names",
    "created_at",
    "updated_at",
]
DETAIL_KEYS = [
    "id",
    "name",
    "description",
    "logo",
    "logo_url",
    "logo_thumbnail",
    "logo_thumbnail_url",
    "primary_contact_email",
    "phone",
    "admins",
    "admin_count",
    "users",
    "user_count",
    "ticket_count",
    "project_count",
    "created_at",
    "updated_at",
]
ADDED_KEYS = ["project_ids", "version"]


def address(company, verb=""):
    return f"{COMPANIES}{company}/{verb}"


async def add_member(company, person, relation="user"):
    await execute(
        Sql(
            "INSERT INTO company_member (company, account, relation) VALUES ({}, {}, {})",
            company,
            person,
            relation,
        )
    )


async def put_into(company, project):
    await execute(
        Sql("INSERT INTO company_project (project, company) VALUES ({}, {})", project, company)
    )


async def roles_of(person):
    """{project: (role, granted)}"""
    found = await rows(
        Sql("SELECT project, role, granted FROM user_role WHERE account = {}", person),
        dict[str, object],
    )
    return {one["project"]: (one["role"], one["granted"]) for one in found}


async def names(client, query=""):
    return [one["name"] for one in (await client.get(COMPANIES + query)).json()["results"]]


@pytest.fixture
def acme(world):
    return world.companies["Acme"]


@pytest.fixture
async def shared(world, acme):
    """Acme lies in stella's project too, where it has a ticket."""
    await put_into(acme, world.other_project)
    await execute(Sql("UPDATE ticket SET company = {} WHERE id = {}", acme, world.other_ticket))
    return acme


# Reading


async def test_the_list_answers_as_in_the_reference(world, as_user, acme):
    await add_member(acme, world.people["adam"], "admin")

    body = (await as_user("alice").get(COMPANIES)).json()

    assert list(body) == ["count", "next", "previous", "results"]
    assert (body["count"], body["next"], body["previous"]) == (2, None, None)
    found = body["results"][0]
    assert list(found) == ITEM_KEYS + ADDED_KEYS
    assert {key: found[key] for key in ITEM_KEYS[:12]} == {
        "id": acme,
        "name": "Acme",
        "description": "",
        "logo_url": None,
        "logo_thumbnail_url": None,
        "primary_contact_email": "",
        "phone": "",
        "admin_count": 1,
        "user_count": 1,
        "ticket_count": 1,
        "project_count": 1,
        "admin_names": ["Adam"],
    }
    assert found["created_at"].endswith("Z")


async def test_one_company_answers_as_in_the_reference(world, as_user, acme):
    await add_member(acme, world.people["adam"], "admin")

    body = (await as_user("mona").get(address(acme))).json()

    assert list(body) == DETAIL_KEYS + ADDED_KEYS
    assert body["admins"] == [
        {
            "id": world.people["adam"],
            "username": "adam",
            "email": "adam@example.com",
            "first_name": "Adam",
            "last_name": "",
        }
    ]
    assert [user["username"] for user in body["users"]] == ["uma"]
    assert (body["admin_count"], body["user_count"], body["ticket_count"]) == (1, 1, 1)
    assert (body["project_count"], body["project_ids"]) == (1, [world.project])
    assert (body["logo"], body["logo_thumbnail"]) == (None, None)


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        ("alice", ["Acme", "Globex"]),
        ("adam", ["Acme", "Globex"]),
        ("mona", ["Acme", "Globex"]),
        ("uma", ["Acme"]),
        ("ugo", ["Globex"]),
        ("stella", ["Umbrella"]),
        ("stan", []),
        ("root", ["Acme", "Globex", "Umbrella"]),
    ],
)
async def test_clients_of_one_provider_do_not_see_each_other(world, as_user, person, seen):
    client = as_user(person)
    every = {**world.companies, "Umbrella": world.other_company}
    doors = ["", "stats/", "tickets/"]

    answers = {
        name: {(await client.get(address(id, door))).status_code for door in doors}
        for name, id in every.items()
    }

    assert await names(client) == seen
    assert (await client.get(COMPANIES)).json()["count"] == len(seen)
    assert answers == {name: {200} if name in seen else {404} for name in every}


async def test_the_people_of_a_company_show_only_to_those_who_see_the_project(world, as_user, acme):
    await add_member(acme, world.people["adam"], "admin")

    body = (await as_user("uma").get(address(acme))).json()
    listed = (await as_user("uma").get(COMPANIES)).json()["results"][0]

    assert (body["admins"], body["users"], listed["admin_names"]) == ([], [], [])
    assert (body["admin_count"], body["user_count"]) == (1, 1)
    assert (listed["admin_count"], listed["user_count"]) == (1, 1)


async def test_a_member_whose_role_was_taken_sees_the_company_no_more(world, as_user, acme):
    await execute(Sql("DELETE FROM user_role WHERE account = {}", world.people["uma"]))

    assert (await as_user("uma").get(address(acme))).status_code == 404
    assert await names(as_user("uma")) == []


@pytest.mark.parametrize(("person", "tickets"), [("alice", 1), ("stella", 1), ("root", 2)])
async def test_a_shared_company_shows_each_side_its_own(world, as_user, shared, person, tickets):
    body = (await as_user(person).get(address(shared))).json()
    stats = (await as_user(person).get(address(shared, "stats/"))).json()
    listed = (await as_user(person).get(address(shared, "tickets/"))).json()

    places = {"alice": [world.project], "stella": [world.other_project]}
    assert body["project_ids"] == places.get(person, [world.project, world.other_project])
    assert body["project_count"] == len(body["project_ids"])
    assert body["ticket_count"] == stats["total_tickets"] == len(listed) == tickets


async def test_search_looks_into_name_and_description_in_any_case(world, as_user):
    for company, text in [("Acme", "100% ავტოსერვისი"), ("Globex", "a\\b_c")]:
        await execute(Sql("UPDATE company SET description = {} WHERE name = {}", text, company))
    alice = as_user("alice")

    found = {
        search: [
            one["name"]
            for one in (await alice.get(COMPANIES, params={"search": search})).json()["results"]
        ]
        for search in ["cme", "GLOB", "ავტო acme", "0%", "_", "\\", "'", "umbrella", " "]
    }

    assert found == {
        "cme": ["Acme"],
        "GLOB": ["Globex"],
        "ავტო acme": ["Acme"],
        "0%": ["Acme"],
        "_": ["Globex"],
        "\\": ["Globex"],
        "'": [],
        "umbrella": [],
        " ": ["Acme", "Globex"],
    }
    assert (await alice.get(COMPANIES, params={"search": "a\0"})).status_code == 400


async def test_the_project_filter_knows_only_the_callers_projects(world, as_user, shared):
    alice = as_user("alice")
    here, there = f"?project={world.project}", f"?project={world.other_project}"

    assert await names(alice, here) == ["Acme", "Globex"]
    assert await names(alice, there) == []
    assert await names(as_user("stella"), there) == ["Acme", "Umbrella"]
    assert await names(as_user("root"), f"{here}&project={world.other_project}") == [
        "Acme",
        "Globex",
        "Umbrella",
    ]
    assert (await alice.get(f"{COMPANIES}?project=x")).json().keys() == {"project"}


async def test_the_list_is_paged_by_name_and_costs_three_statements(world, as_user, statements):
    for name in ("Hooli", "Acme", "Initech"):
        await add_company(name, world.project)
    alice = as_user("alice")
    first = (await alice.get(f"{COMPANIES}?page_size=2")).json()
    second = (await alice.get(first["next"])).json()

    assert [one["name"] for one in first["results"] + second["results"]] == [
        "Acme",
        "Acme",
        "Globex",
        "Hooli",
    ]
    assert first["results"][0]["id"] < first["results"][1]["id"]
    assert (first["count"], second["count"]) == (5, 5)
    assert (await alice.get(f"{COMPANIES}?page=4&page_size=2")).status_code == 404
    for size in (1, 100):
        async with statements() as sent:
            await alice.get(f"{COMPANIES}?page_size={size}&search=e&project={world.project}")
        assert len(sent) <= 3, sent


@pytest.mark.parametrize(("door", "most"), [("", 2), ("stats/", 2), ("tickets/", 3)])
async def test_reading_a_company_costs_few_statements(as_user, acme, statements, door, most):
    async with statements() as sent:
        assert (await as_user("alice").get(address(acme, door))).status_code == 200

    assert len(sent) <= most, sent


async def test_the_tickets_of_a_company_are_a_bare_array_that_can_be_cut(world, as_user, acme):
    new, uma = world.columns["New"], world.people["uma"]
    newer = await add_ticket(world.project, new, uma, "Scanner", acme)
    await add_ticket(world.project, new, uma, "Nobody's")
    adam = as_user("adam")

    whole, cut = (
        await adam.get(address(acme, "tickets/")),
        await adam.get(address(acme, "tickets/?page_size=1&page=2")),
    )

    assert [ticket["id"] for ticket in whole.json()] == [newer, world.printer]
    assert whole.headers["x-total-count"] == cut.headers["x-total-count"] == "2"
    assert [ticket["id"] for ticket in cut.json()] == [world.printer]
    assert "link" in cut.headers
    assert "link" not in whole.headers
    assert whole.json()[0] == (await adam.get(f"/tickets/tickets/{newer}/")).json()
    assert (await adam.get(address(acme, "tickets/?page=9"))).status_code == 404


# Creating


async def test_creating_answers_with_the_whole_company(world, as_user):
    people = world.people
    acme_corp = {
        "name": "Acme Corp",
        "description": "Acme Corporation",
        "primary_contact_email": "support@acme.com",
        "phone": "555-9999",
        "admin_ids": [people["adam"], people["mona"]],
        "user_ids": [people["uma"], people["ugo"], people["uma"]],
        "project_ids": [world.project],
    }

    answer = await as_user("alice").post(COMPANIES, json=acme_corp)

    body = answer.json()
    assert answer.status_code == 201
    assert list(body) == DETAIL_KEYS + ADDED_KEYS
    assert {key: body[key] for key in list(acme_corp)[:4]} == {
        key: acme_corp[key] for key in list(acme_corp)[:4]
    }
    assert [one["username"] for one in body["admins"]] == ["adam", "mona"]
    assert [one["username"] for one in body["users"]] == ["ugo", "uma"]
    assert body["project_ids"] == [world.project]
    assert answer.headers["etag"].startswith('"1-')
    assert await roles_of(people["mona"]) == {world.project: ("admin", "manager")}
    assert (await as_user("alice").get(address(body["id"]))).json() == body


async def test_the_only_project_is_the_default(world, as_user):
    alice = as_user("alice")
    alone = await alice.post(COMPANIES, json={"name": "One"})
    await add_role(world.other_project, world.people["alice"], "superadmin")
    several = await alice.post(COMPANIES, json={"name": "Two"})
    both = [world.other_project, world.project]
    named = await alice.post(COMPANIES, json={"name": "Three", "project_ids": both})

    assert alone.json()["project_ids"] == [world.project]
    assert (several.status_code, list(several.json())) == (400, ["project"])
    assert named.json()["project_ids"] == sorted(both)


@pytest.mark.parametrize(
    ("person", "field", "status"),
    [("adam", None, 403), ("uma", None, 403), ("mona", None, 403), ("stan", "project", 400)],
)
async def test_creating_needs_a_superadmin(world, as_user, person, field, status):
    before = await everything_stored()

    answer = await as_user(person).post(COMPANIES, json={"name": "Mine"})

    assert answer.status_code == status
    assert answer.json().get("roles_allowed") == (["superadmin"] if status == 403 else None)
    assert field is None or list(answer.json()) == [field]
    assert await everything_stored() == before


async def test_creating_needs_a_superadmin_in_each_named_project(world, as_user):
    await add_role(world.other_project, world.people["alice"], "admin")
    both = [world.project, world.other_project]
    before = await everything_stored()

    refused = await as_user("alice").post(COMPANIES, json={"name": "A", "project_ids": both})

    assert (refused.status_code, refused.json()["role"]) == (403, "admin")
    assert await everything_stored() == before


async def test_every_wrong_field_is_told_at_once(world, as_user):
    stella, nobody = world.people["stella"], 2**62
    wrong = {
        "name": "",
        "primary_contact_email": "no address",
        "phone": "5" * 65,
        "admin_ids": ["x"],
        "user_ids": None,
        "project_ids": [world.other_project],
    }
    alice = as_user("alice")
    before = await everything_stored()

    fields = (await alice.post(COMPANIES, json=wrong)).json()
    people = await alice.post(
        COMPANIES, json={"name": "A", "admin_ids": [stella], "user_ids": [nobody]}
    )
    longer = {"name": "A", "user_ids": [1] * 10_001}
    assert (await alice.post(COMPANIES, json=longer)).json() == {
        "user_ids": ["Ensure this field has no more than 10000 elements."]
    }
    empty = (await alice.post(COMPANIES, json={"name": "A", "project_ids": []})).json()

    assert fields.keys() == wrong.keys()
    assert people.status_code == 400
    assert people.json() == {
        "admin_ids": [f'Invalid pk "{stella}" - object does not exist.'],
        "user_ids": [f'Invalid pk "{nobody}" - object does not exist.'],
    }
    assert empty == {"project_ids": ["Ensure this field has at least 1 elements."]}
    assert await everything_stored() == before


@pytest.mark.parametrize("project", [2**62, "x", 0, 2**80])
async def test_a_project_that_is_not_there_is_told(world, as_user, project):
    for person in ("alice", "root"):
        answer = await as_user(person).post(COMPANIES, json={"name": "A", "project_ids": [project]})
        assert (answer.status_code, list(answer.json())) == (400, ["project_ids"])


async def test_server_owned_fields_are_not_heard(world, as_user):
    sent = {"name": "A", "id": 1, "ticket_count": 9, "version": 9, "created_at": "2000-01-01"}

    body = (await as_user("alice").post(COMPANIES, json=sent)).json()

    assert (body["ticket_count"], body["version"]) == (0, 1)
    assert body["created_at"] > "2001"


async def test_the_same_creation_twice_is_one(world, as_user):
    alice, key = as_user("alice"), {"Idempotency-Key": "once"}

    answers = [await alice.post(COMPANIES, json={"name": "Initech"}, headers=key) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert await names(alice) == ["Acme", "Globex", "Initech"]


# Changing


async def test_a_patch_changes_only_what_it_names(as_user, acme):
    patch = {
        "name": "Nikora Updated",
        "primary_contact_email": "newsupport@nikora.com",
        "phone": "555-4321",
    }

    answer = await as_user("alice").patch(address(acme), json=patch)
    cleared = await as_user("alice").patch(address(acme), json={"primary_contact_email": ""})

    assert answer.status_code == 200
    assert {key: answer.json()[key] for key in patch} == patch
    assert answer.json()["user_count"] == 1
    assert answer.json()["version"] == 2
    assert cleared.json()["primary_contact_email"] == ""
    assert cleared.json()["phone"] == "555-4321"


WRITES = [
    ("PATCH", "", {"name": "Mine"}),
    ("DELETE", "", None),
    ("POST", "assign_admin/", "uma"),
    ("POST", "remove_admin/", "uma"),
    ("POST", "assign_user/", "ugo"),
    ("POST", "remove_user/", "uma"),
    (
        "POST",
        "create_user/",
        {"username": "nina", "email": "nina@acme.com", "password": "SecurePass123!"},
    ),
]


def body_of(world, given):
    return {"user_id": world.people[given]} if isinstance(given, str) else given


@pytest.mark.parametrize("person", ["adam", "uma", "mona"])
@pytest.mark.parametrize(("method", "door", "given"), WRITES)
async def test_writing_needs_a_superadmin(world, as_user, acme, person, method, door, given):
    before = await everything_stored()

    answer = await as_user(person).request(method, address(acme, door), json=body_of(world, given))

    assert (answer.status_code, answer.json()["roles_allowed"]) == (403, ["superadmin"])
    assert await everything_stored() == before


@pytest.mark.parametrize("person", ["alice", "stella"])
@pytest.mark.parametrize(("method", "door", "given"), WRITES)
async def test_writing_needs_a_superadmin_in_every_project(
    world, as_user, shared, person, method, door, given
):
    before = await everything_stored()

    answer = await as_user(person).request(
        method, address(shared, door), json=body_of(world, given)
    )

    assert (answer.status_code, answer.json()["role"]) == (403, None)
    assert await everything_stored() == before


async def test_a_company_moves_only_to_where_one_may_edit_companies(world, as_user, acme):
    alice, both = as_user("alice"), [world.project, world.other_project]
    before = await everything_stored()
    unseen = await alice.patch(address(acme), json={"project_ids": both})
    assert (unseen.status_code, list(unseen.json())) == (400, ["project_ids"])
    assert await everything_stored() == before

    await add_role(world.other_project, world.people["alice"], "admin")
    assert (await alice.patch(address(acme), json={"project_ids": both})).status_code == 403

    await execute(Sql("UPDATE user_role SET role = 'superadmin', granted = 'superadmin'"))
    moved = await alice.patch(address(acme), json={"project_ids": both})
    assert moved.json()["project_ids"] == both


async def test_an_etag_guards_against_what_others_have_changed(world, as_user, acme):
    alice, mona = as_user("alice"), world.people["mona"]
    read = (await alice.get(address(acme))).headers["etag"]
    unchanged = await alice.get(address(acme), headers={"If-None-Match": read})
    await alice.post(address(acme, "assign_user/"), json={"user_id": mona})

    late = {"If-Match": read}
    patched = await alice.patch(address(acme), json={"name": "Late"}, headers=late)
    deleted = await alice.delete(address(acme), headers=late)

    assert unchanged.status_code == 304
    assert (patched.status_code, deleted.status_code) == (412, 412)
    now = patched.headers["etag"]
    assert now.startswith('"2-')
    assert (await alice.delete(address(acme), headers={"If-Match": now})).status_code == 204


async def test_what_changes_nothing_leaves_the_version(world, as_user, acme):
    alice, uma = as_user("alice"), world.people["uma"]

    same = {"name": "Acme", "user_ids": [uma], "project_ids": [world.project]}
    body = (await alice.patch(address(acme), json=same)).json()
    again = await alice.post(address(acme, "assign_user/"), json={"user_id": uma})

    assert body["version"] == again.json()["company"]["version"] == 1


async def test_leaving_a_project_frees_its_tickets_there(world, as_user, shared):
    root = as_user("root")
    await execute(Sql("UPDATE ticket SET company = {} WHERE id = {}", shared, world.other_ticket))

    left = await root.patch(address(shared), json={"project_ids": [world.project]})

    assert left.json()["project_ids"] == [world.project]
    kept = (await root.get(f"/tickets/tickets/{world.printer}/")).json()
    freed = (await root.get(f"/tickets/tickets/{world.other_ticket}/")).json()
    history = (await root.get(f"/tickets/tickets/{world.other_ticket}/history/")).json()
    assert (kept["company"], freed["company"]) == (shared, None)
    assert [(one["field"], one["old_value"], one["new_value"]) for one in history] == [
        ("company", "Acme", None)
    ]
    assert history[0]["user"]["username"] == "root"


# Deleting


async def test_deleting_keeps_the_tickets_without_a_company(world, as_user, acme):
    alice = as_user("alice")

    answer = await alice.delete(address(acme))

    assert (answer.status_code, answer.content) == (204, b"")
    assert (await alice.get(address(acme))).status_code == 404
    ticket = (await alice.get(f"/tickets/tickets/{world.printer}/")).json()
    history = (await alice.get(f"/tickets/tickets/{world.printer}/history/")).json()
    assert (ticket["company"], ticket["company_name"], ticket["version"]) == (None, None, 2)
    assert [(one["field"], one["old_value"], one["new_value"]) for one in history] == [
        ("company", "Acme", None)
    ]
    assert await roles_of(world.people["uma"]) == {world.project: ("user", "user")}


async def test_deleting_costs_the_same_for_any_number_of_tickets(world, as_user, acme, statements):
    new, uma = world.columns["New"], world.people["uma"]
    for number in range(20):
        await add_ticket(world.project, new, uma, f"Ticket {number}", acme)

    async with statements() as sent:
        await as_user("alice").delete(address(acme))

    assert len(sent) <= 12, sent
    assert await scalar(Sql("SELECT count(*) FROM event WHERE field = 'company'"), int) == 21


async def test_deleting_takes_the_roles_that_came_with_the_company(world, as_user, acme):
    alice, people = as_user("alice"), world.people
    client = {"username": "nina", "email": "nina@acme.com", "password": "SecurePass123!"}
    nina = (await alice.post(address(acme, "create_user/"), json=client)).json()["user"]["id"]
    await alice.post(address(acme, "assign_admin/"), json={"user_id": people["mona"]})
    assert await roles_of(people["mona"]) == {world.project: ("admin", "manager")}

    await alice.delete(address(acme))

    assert await roles_of(nina) == {}
    assert await roles_of(people["mona"]) == {world.project: ("manager", "manager")}


# How it fares


async def a_ticket(world, company, **values):
    ticket = await add_ticket(
        world.project, world.columns["New"], world.people["uma"], "Ticket", company
    )
    for name, value in values.items():
        await execute(Sql(f'UPDATE ticket SET "{name}" = {{}} WHERE id = {{}}', value, ticket))
    return ticket


TODAY = dt.datetime.now(dt.UTC).date()
YESTERDAY = TODAY - dt.timedelta(days=1)


async def test_stats_answer_as_in_the_reference(world, as_user, acme):
    await execute(Sql("DELETE FROM ticket"))
    now, then = dt.datetime.now(dt.UTC), dt.datetime(2020, 1, 31, tzinfo=dt.UTC)
    await a_ticket(world, acme, priority_id=5)
    await a_ticket(world, acme, urgency="high")
    await a_ticket(world, acme, due_date=YESTERDAY)
    await a_ticket(world, acme, due_date=TODAY)
    done = world.columns["Done"]
    await a_ticket(world, acme, urgency="critical", column=done, resolved_at=now)
    await a_ticket(world, acme, column=done, resolved_at=then)
    await add_member(acme, world.people["adam"], "admin")

    body = (await as_user("mona").get(address(acme, "stats/"))).json()

    assert body["last_activity"].startswith(str(TODAY)[:7])
    assert body == {
        "open_tickets": 4,
        "urgent_tickets": 2,
        "overdue_tickets": 1,
        "resolved_this_month": 1,
        "total_tickets": 6,
        "user_count": 1,
        "admin_count": 1,
        "health_status": "critical",
        "last_activity": body["last_activity"],
        "reasons": [{"rule": "critical", "threshold": 1, "count": 1, "tickets": ["DESK-2"]}],
    }


async def test_attention_names_the_tickets_behind_it(world, as_user, acme):
    alice = as_user("alice")
    urgent = await a_ticket(world, acme, priority_id=4, due_date=YESTERDAY)

    stats = (await alice.get(address(acme, "stats/"))).json()
    await alice.patch(f"/tickets/tickets/{urgent}/", json={"assignee_ids": [world.people["adam"]]})
    assigned = (await alice.get(address(acme, "stats/"))).json()
    await alice.patch(f"/tickets/tickets/{urgent}/", json={"column": world.columns["Done"]})
    done = (await alice.get(address(acme, "stats/"))).json()

    assert stats["health_status"] == assigned["health_status"] == "attention"
    assert stats["reasons"] == [
        {"rule": "overdue", "threshold": 1, "count": 1, "tickets": ["DESK-2"]},
        {"rule": "urgent_unassigned", "threshold": 1, "count": 1, "tickets": ["DESK-2"]},
    ]
    assert [reason["rule"] for reason in assigned["reasons"]] == ["overdue"]
    assert (done["health_status"], done["reasons"]) == ("healthy", [])


async def test_thirty_days_without_a_change_are_inactive(world, as_user, acme):
    alice, old = as_user("alice"), dt.datetime.now(dt.UTC) - dt.timedelta(days=30, minutes=1)
    await execute(Sql("ALTER TABLE ticket DISABLE TRIGGER ticket_changed"))
    await execute(Sql("UPDATE ticket SET updated_at = {}", old))
    await execute(Sql("ALTER TABLE ticket ENABLE TRIGGER ticket_changed"))

    idle = (await alice.get(address(acme, "stats/"))).json()
    empty = (await alice.get(address(world.companies["Globex"], "stats/"))).json()

    assert idle["health_status"] == empty["health_status"] == "inactive"
    assert idle["reasons"] == [{"rule": "idle_days", "threshold": 30, "count": 30, "tickets": []}]
    assert empty["reasons"][0]["count"] is None
    assert empty["last_activity"] is None


async def test_stats_of_one_project_count_only_that(world, as_user, shared):
    root, alice = as_user("root"), as_user("alice")
    stats = address(shared, "stats/?project=")

    counts = [
        (await client.get(f"{stats}{project}")).json()["total_tickets"]
        for client in (root, alice)
        for project in (world.project, world.other_project)
    ]

    assert counts == [1, 1, 1, 0]
    wrong = [await alice.get(f"{stats}{project}") for project in ("x", 0, -1, 2**63, 2**80)]
    assert {answer.status_code for answer in wrong} == {400}
    assert wrong[0].json().keys() == {"project"}


async def test_stats_of_a_user_cover_what_they_see(world, as_user, acme):
    await execute(Sql("UPDATE ticket SET reporter = {}", world.people["ugo"]))

    seen = (await as_user("uma").get(address(acme, "stats/"))).json()
    assert seen["total_tickets"] == 1


# At the same time


async def test_a_ticket_for_a_company_that_is_deleted_meanwhile_is_refused_or_freed(
    world, as_user, acme
):
    ticket = {"name": "Late", "column": world.columns["New"], "company": acme}
    alice, uma = as_user("alice"), as_user("uma")

    deleted, *created = await asyncio.gather(
        alice.delete(address(acme)), *(uma.post("/tickets/tickets/", json=ticket) for _ in range(6))
    )

    assert deleted.status_code == 204
    assert {answer.status_code for answer in created} <= {201, 400}
    assert await row(Sql("SELECT id FROM ticket WHERE company = {}", acme), dict[str, int]) is None
