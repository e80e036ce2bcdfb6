"""Who changed what, and when (rulings 4.11)."""

import pytest

from tests.world import add_company
from ticketing_server.core.db import Sql, execute

TICKETS = "/tickets/tickets/"


@pytest.fixture
def printer(world):
    return f"{TICKETS}{world.printer}/"


async def changes(client, ticket):
    """(who, action, field, old, new) of each item."""
    items = (await client.get(f"{ticket}history/")).json()
    return [
        (
            item["user"]["username"],
            *(item[key] for key in ("action", "field", "old_value", "new_value")),
        )
        for item in items
    ]


PLAIN = [
    ("name", "Printer", "Plotter"),
    ("description", "", "It smokes."),
    ("type", "task", "bug"),
    ("priority_id", 3, 5),
    ("urgency", "medium", "critical"),
    ("importance", "medium", "low"),
    ("due_date", None, "2030-01-31"),
    ("start_date", None, "2030-01-01"),
]


@pytest.mark.parametrize(("field", "old", "new"), PLAIN)
async def test_a_changed_field_is_remembered_with_who_and_what(as_user, printer, field, old, new):
    await as_user("uma").patch(printer, json={field: new})

    assert await changes(as_user("mona"), printer) == [("uma", "changed", field, old, new)]


async def test_columns_companies_and_tags_are_remembered_by_name(world, as_user, printer):
    await as_user("alice").patch(
        printer,
        json={
            "column": world.columns["Done"],
            "company": world.companies["Globex"],
            "tag_names": ["paper", "ink"],
        },
    )

    assert sorted(await changes(as_user("alice"), printer)) == [
        ("alice", "changed", "column", "New", "Done"),
        ("alice", "changed", "company", "Acme", "Globex"),
        ("alice", "changed", "tag_names", [], ["ink", "paper"]),
    ]


async def test_people_are_remembered_by_id(world, as_user, printer):
    adam = world.people["adam"]

    await as_user("adam").patch(printer, json={"assignee_ids": [adam]})
    await as_user("alice").patch(printer, json={"assignee_ids": []})

    assert await changes(as_user("uma"), printer) == [
        ("adam", "changed", "assignee_ids", [], [adam]),
        ("alice", "changed", "assignee_ids", [adam], []),
    ]


async def test_an_item_says_who_by_name_and_when(world, as_user):
    new = {"name": "Mouse", "column": world.columns["New"]}
    ticket = (await as_user("uma").post(TICKETS, json=new)).json()

    (item,) = (await as_user("uma").get(f"{TICKETS}{ticket['id']}/history/")).json()

    assert item["user"] == {
        "id": world.people["uma"], "username": "uma", "first_name": "Uma", "last_name": "",
    }  # fmt: skip
    assert (item["action"], item["field"]) == ("created", None)
    assert item["created_at"] == ticket["created_at"]


async def test_what_stays_the_same_is_not_remembered(world, as_user, printer):
    same = {"name": "Printer", "column": world.columns["New"], "tag_ids": [], "assignee_ids": []}

    answer = await as_user("alice").patch(printer, json={**same, "urgency": "low"})

    assert answer.status_code == 200
    assert await changes(as_user("alice"), printer) == [
        ("alice", "changed", "urgency", "medium", "low")
    ]


async def test_a_refused_change_leaves_no_trace(world, as_user, printer):
    await as_user("alice").patch(printer, json={"name": "Plotter", "company": 999_999})
    await as_user("adam").patch(printer, json={"name": "Plotter"})

    assert await changes(as_user("alice"), printer) == []


async def test_history_runs_from_the_oldest_and_can_be_paged(as_user, printer):
    for_each = [await as_user("uma").patch(printer, json={"name": name}) for name in "abc"]
    assert [answer.status_code for answer in for_each] == [200] * 3

    whole = await as_user("uma").get(f"{printer}history/")
    second = await as_user("uma").get(f"{printer}history/?page=2&page_size=2")

    assert [item["new_value"] for item in whole.json()] == ["a", "b", "c"]
    assert (whole.headers["x-total-count"], "link" in whole.headers) == ("3", False)
    assert second.json() == whole.json()[2:]
    assert second.headers["x-total-count"] == "3"
    assert 'page=1>; rel="prev"' in second.headers["link"]
    assert (await as_user("uma").get(f"{printer}history/?page=3&page_size=2")).status_code == 404


async def test_a_person_who_is_gone_is_nobody_in_history(world, as_user, printer):
    await as_user("uma").patch(printer, json={"name": "Plotter"})
    await execute(Sql("DELETE FROM account WHERE id = {}", world.people["uma"]))

    (item,) = (await as_user("alice").get(f"{printer}history/")).json()

    assert (item["user"], item["new_value"]) == (None, "Plotter")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_history_cannot_be_changed(as_user, printer, method):
    await as_user("uma").patch(printer, json={"name": "Plotter"})

    answer = await as_user("root").request(method, f"{printer}history/", json={})

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert len(await changes(as_user("uma"), printer)) == 1


async def test_history_keeps_a_companys_name_of_the_time(world, as_user, printer):
    initech = await add_company("Initech", world.project)
    await as_user("alice").patch(printer, json={"company": initech})
    await execute(Sql("UPDATE company SET name = 'Initrode' WHERE id = {}", initech))

    assert await changes(as_user("alice"), printer) == [
        ("alice", "changed", "company", "Acme", "Initech")
    ]


async def test_a_client_is_not_told_which_other_clients_a_ticket_belonged_to(world, as_user):
    alice, uma = as_user("alice"), as_user("uma")
    ticket = f"/tickets/tickets/{world.printer}/"
    for company in ("Globex", "Acme"):
        await alice.patch(ticket, json={"company": world.companies[company]})

    told = [
        (await person.get(address)).json()
        for person in (uma, as_user("mona"))
        for address in (
            f"{ticket}history/",
            f"/tickets/dashboard/activity/?project={world.project}",
        )
    ]

    values = [[(one["old_value"], one["new_value"]) for one in items] for items in told]
    assert [sorted(each, key=str) for each in values] == [
        [("Acme", None), (None, "Acme")],
        [("Acme", None), (None, "Acme")],
        [("Acme", "Globex"), ("Globex", "Acme")],
        [("Acme", "Globex"), ("Globex", "Acme")],
    ]
