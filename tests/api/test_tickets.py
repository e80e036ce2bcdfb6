"""One ticket over HTTP: creating, reading, changing, deleting, following."""

import datetime as dt

import pytest

from tests.world import add_ticket, everything_stored
from ticketing_server.core.db import Sql, execute

TICKETS = "/tickets/tickets/"

# The keys of the reference's list item, then those that rulings 4.3 adds.
DOCUMENTED = [
    "id", "name", "description", "type", "status", "priority_id", "urgency", "importance",
    "project", "project_key", "column", "column_name", "assignee_ids", "following",
    "comments_count", "tag_names", "due_date", "start_date", "created_at", "updated_at",
]  # fmt: skip
ADDED = [
    "key", "number", "company", "company_name", "reporter", "resolved_at", "tag_ids", "version",
]  # fmt: skip


@pytest.fixture
def printer(world):
    return f"{TICKETS}{world.printer}/"


async def test_a_ticket_has_exactly_the_documented_fields(as_user, printer):
    alice = as_user("alice")

    listed = (await alice.get(TICKETS)).json()["results"][0]

    assert list(listed) == DOCUMENTED + ADDED
    assert (await alice.get(printer)).json() == listed


async def test_the_references_first_example_creates_a_ticket(world, as_user):
    alice, adam = world.people["alice"], world.people["adam"]
    asked = {
        "name": "Fix homepage loading issue",
        "description": "Homepage is slow to load for mobile users",
        "type": "bug",
        "priority_id": 3,
        "urgency": "high",
        "importance": "medium",
        "column": world.columns["New"],
        "assignee_ids": [adam, alice],
        "tag_names": ["frontend", "performance"],
        "due_date": "2025-11-01",
        "start_date": "2025-10-25",
    }

    answer = await as_user("alice").post(TICKETS, json=asked)

    ticket = answer.json()
    assert answer.status_code == 201
    assert {field: ticket[field] for field in asked} == asked
    assert (ticket["status"], ticket["column_name"]) == ("new", "New")
    assert (ticket["project"], ticket["project_key"]) == (world.project, "DESK")
    assert (ticket["following"], ticket["comments_count"]) == (False, 0)
    assert (ticket["key"], ticket["number"], ticket["reporter"]) == ("DESK-2", 2, alice)
    assert ticket["created_at"] == ticket["updated_at"]
    assert ticket["created_at"].endswith("Z")
    assert (await as_user("alice").get(f"{TICKETS}{ticket['id']}/")).json() == ticket


async def test_a_name_and_a_column_make_a_ticket(world, as_user):
    asked = {"name": "  Mouse ", "column": world.columns["Review"], "status": "done", "id": 7}

    ticket = (await as_user("adam").post(TICKETS, json=asked)).json()

    assert ticket["name"] == "Mouse"
    assert ticket["status"] == "review"
    assert (ticket["type"], ticket["priority_id"]) == ("task", 3)
    assert (ticket["urgency"], ticket["importance"]) == ("medium", "medium")
    assert (ticket["description"], ticket["company"], ticket["due_date"]) == ("", None, None)
    assert ticket["reporter"] == world.people["adam"]


async def test_everything_wrong_with_a_new_ticket_is_told_at_once(world, as_user):
    asked = {"name": " ", "type": "chore", "priority_id": 6, "urgency": None, "due_date": "soon"}

    answer = await as_user("alice").post(TICKETS, json={**asked, "tag_ids": ["x"]})

    assert answer.status_code == 400
    assert answer.json() == {
        "name": ["This field may not be blank."],
        "column": ["This field is required."],
        "type": ['"chore" is not a valid choice.'],
        "priority_id": ["Ensure this value is less than or equal to 5."],
        "urgency": ["This field may not be null."],
        "due_date": ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."],
        "tag_ids": ["A valid integer is required."],
    }


@pytest.mark.parametrize("column", [999_999_999, "its own", 0, -1, 2**80, "abc", None, [1]])
async def test_a_column_that_one_cannot_see_is_no_column(world, as_user, printer, column):
    before = await everything_stored()
    sent = {"column": world.other_column if column == "its own" else column}

    created = await as_user("alice").post(TICKETS, json={"name": "Lost", **sent})
    moved = await as_user("alice").patch(printer, json=sent)

    assert (created.status_code, [*created.json()]) == (400, ["column"])
    assert (moved.status_code, [*moved.json()]) == (400, ["column"])
    assert await everything_stored() == before


async def test_the_column_that_is_not_there_is_named(as_user):
    answer = await as_user("alice").post(TICKETS, json={"name": "Lost", "column": 999_999_999})

    assert answer.json() == {"column": ['Invalid pk "999999999" - object does not exist.']}


async def test_moving_a_ticket_changes_its_status(world, as_user, printer):
    moved = (await as_user("uma").patch(printer, json={"column": world.columns["Done"]})).json()

    assert (moved["status"], moved["column_name"]) == ("done", "Done")
    assert moved == (await as_user("uma").get(printer)).json()


async def test_a_status_that_is_sent_is_ignored(as_user, printer):
    answer = await as_user("uma").patch(printer, json={"status": "done", "number": 7, "key": "X"})

    assert (answer.status_code, answer.json()["status"]) == (200, "new")
    assert answer.json()["key"] == "DESK-1"


async def test_a_ticket_is_resolved_exactly_while_its_column_is_done(world, as_user, printer):
    uma, columns = as_user("uma"), world.columns

    done = (await uma.patch(printer, json={"column": columns["Done"]})).json()["resolved_at"]
    again = (await uma.patch(printer, json={"column": columns["Done"], "name": "P"})).json()
    reopened = (await uma.patch(printer, json={"column": columns["Review"]})).json()
    born_done = (await uma.post(TICKETS, json={"name": "Old", "column": columns["Done"]})).json()

    assert dt.datetime.fromisoformat(done) <= dt.datetime.now(dt.UTC)
    assert again["resolved_at"] == done
    assert reopened["resolved_at"] is None
    assert born_done["resolved_at"] is not None


async def test_only_what_is_sent_is_changed(as_user, printer):
    alice = as_user("alice")
    before = (await alice.get(printer)).json()

    after = (await alice.patch(printer, json={"priority_id": 5, "due_date": "2030-01-31"})).json()

    changed = {field for field in after if after[field] != before[field]}
    assert changed == {"priority_id", "due_date", "updated_at", "version"}
    cleared = (await alice.patch(printer, json={"due_date": None})).json()
    assert (cleared["due_date"], cleared["priority_id"]) == (None, 5)


async def test_a_change_to_the_same_is_no_change(as_user, printer):
    before = (await as_user("uma").get(printer)).json()

    assert (await as_user("uma").patch(printer, json={"name": "Printer"})).json() == before
    assert (await as_user("uma").patch(printer, json={})).json() == before


async def test_due_is_not_before_start(as_user, printer):
    uma = as_user("uma")
    wrong = {"due_date": ["The due date must not be before the start date."]}

    same_day = await uma.patch(printer, json={"start_date": "2025-10-25", "due_date": "2025-10-25"})
    due_alone = await uma.patch(printer, json={"due_date": "2025-10-24"})
    start_alone = await uma.patch(printer, json={"start_date": "2025-10-26"})

    assert same_day.status_code == 200
    assert (due_alone.status_code, due_alone.json()) == (400, wrong)
    assert (start_alone.status_code, start_alone.json()) == (400, wrong)


async def test_a_new_ticket_is_not_due_before_it_starts(world, as_user):
    asked = {"name": "Early", "column": world.columns["New"], "start_date": "2025-10-25"}

    answer = await as_user("uma").post(TICKETS, json={**asked, "due_date": "2025-10-24"})

    assert (answer.status_code, [*answer.json()]) == (400, ["due_date"])


@pytest.mark.parametrize("date", ["2025-02-30", "2025-1-1", "0000-01-01", 20251025, "9999-12-32"])
async def test_a_date_is_a_day_of_the_calendar(as_user, printer, date):
    answer = await as_user("uma").patch(printer, json={"due_date": date})

    assert (answer.status_code, [*answer.json()]) == (400, ["due_date"])


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31"])
async def test_the_first_and_the_last_day_of_the_calendar_are_dates(world, as_user, date):
    uma = as_user("uma")
    days = {"start_date": date, "due_date": date}

    created = await uma.post(TICKETS, json={"name": "Ever", "column": world.columns["New"], **days})
    path = f"{TICKETS}{created.json()['id']}/"
    cleared = await uma.patch(path, json={"start_date": None, "due_date": None})
    changed = await uma.patch(path, json=days)

    assert (cleared.json()["start_date"], cleared.json()["due_date"]) == (None, None)
    assert {name: created.json()[name] for name in days} == days
    assert {name: changed.json()[name] for name in days} == days
    assert (await uma.get(TICKETS)).json()["results"][0]["due_date"] == date


async def test_an_assignee_edits_but_does_not_delete(world, as_user, printer):
    assert (await as_user("adam").patch(printer, json={"name": "Mine"})).status_code == 403

    taken = await as_user("adam").patch(printer, json={"assignee_ids": [world.people["adam"]]})
    assert taken.json()["assignee_ids"] == [world.people["adam"]]
    assert (await as_user("adam").patch(printer, json={"name": "Mine"})).json()["name"] == "Mine"
    assert (await as_user("adam").delete(printer)).status_code == 403


async def test_one_field_too_many_applies_none(world, as_user, printer):
    before = await everything_stored()

    both = {"assignee_ids": [world.people["adam"]], "priority_id": 5}
    answer = await as_user("adam").patch(printer, json=both)

    assert answer.status_code == 403
    assert answer.json()["action"] == "edit_others_tickets"
    assert await everything_stored() == before


async def test_a_user_does_not_assign_even_their_own(world, as_user, printer):
    uma, herself = as_user("uma"), {"assignee_ids": [world.people["uma"]]}
    new = {"name": "Mouse", "column": world.columns["New"], **herself}

    assert (await uma.patch(printer, json={"name": "P", **herself})).status_code == 403
    assert (await uma.post(TICKETS, json=new)).json()["action"] == "assign_tickets"
    assert (await uma.get(TICKETS)).json()["count"] == 1
    assert (await uma.get(printer)).json()["name"] == "Printer"


async def test_deleting_takes_the_ticket_and_its_number_away_for_good(world, as_user, printer):
    uma, new = as_user("uma"), {"name": "Next", "column": world.columns["New"]}

    answer = await uma.delete(printer)

    assert (answer.status_code, answer.content) == (204, b"")
    assert (await uma.get(printer)).json() == {"detail": "Not found."}
    assert (await uma.delete(printer)).status_code == 404
    assert (await uma.post(TICKETS, json=new)).json()["key"] == "DESK-2"


async def test_a_manager_follows_and_changes_nothing(as_user, printer):
    mona = as_user("mona")

    assert (await mona.post(f"{printer}toggle_follow/")).json() == {"following": True}
    assert (await mona.get(printer)).json()["following"] is True
    assert (await as_user("uma").get(printer)).json()["following"] is False
    assert (await mona.post(f"{printer}toggle_follow/")).json() == {"following": False}
    assert (await mona.patch(printer, json={"name": "No"})).status_code == 403


async def test_following_leaves_the_ticket_as_it_was(as_user, printer):
    before = (await as_user("mona").get(printer)).json()

    await as_user("mona").post(f"{printer}toggle_follow")

    assert (await as_user("mona").get(printer)).json() == {**before, "following": True}


async def test_put_is_not_offered(as_user, printer):
    answer = await as_user("uma").put(printer, json={"name": "Whole"})

    assert answer.status_code == 405
    assert {"GET", "PATCH", "DELETE"} <= {*answer.headers["allow"].split(", ")}
    assert answer.json() == {"detail": 'Method "PUT" not allowed.'}


async def test_an_unchanged_ticket_is_not_sent_again(as_user, printer):
    uma = as_user("uma")
    etag = (await uma.get(printer)).headers["etag"]

    fresh = await uma.get(printer, headers={"If-None-Match": etag})
    assert (fresh.status_code, fresh.content, fresh.headers["etag"]) == (304, b"", etag)

    patched = await uma.patch(printer, json={"name": "Plotter"})
    assert patched.headers["etag"] != etag
    changed = await uma.get(printer, headers={"If-None-Match": f'"other", {etag}'})
    assert (changed.status_code, changed.headers["etag"]) == (200, patched.headers["etag"])


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_change_of_an_old_version_is_refused(as_user, printer, method):
    uma = as_user("uma")
    old = (await uma.get(printer)).headers["etag"]
    present = (await uma.patch(printer, json={"name": "Plotter"})).headers["etag"]

    late = await uma.request(method, printer, json={"name": "Fax"}, headers={"If-Match": old})

    assert late.status_code == 412
    assert late.json() == {"detail": "The resource has changed since you read it."}
    assert late.headers["etag"] == present
    assert (await uma.get(printer)).json()["name"] == "Plotter"
    again = await uma.request(method, printer, json={}, headers={"If-Match": present})
    assert again.is_success


@pytest.mark.parametrize("header", ["nonsense", '""', '"0-abc"', "W/", '"99999999999-x"'])
async def test_an_if_match_that_fits_nothing_changes_nothing(as_user, printer, header):
    answer = await as_user("uma").patch(printer, json={"name": "F"}, headers={"If-Match": header})

    assert answer.status_code == 412


async def test_somebody_elses_comment_does_not_spoil_an_edit(world, as_user, printer):
    etag = (await as_user("uma").get(printer)).headers["etag"]
    await execute(
        Sql(
            "INSERT INTO comment (project, ticket, author, content) VALUES ({}, {}, {}, 'Hm.')",
            world.project,
            world.printer,
            world.people["mona"],
        )
    )

    seen = await as_user("uma").get(printer, headers={"If-None-Match": etag})
    edited = await as_user("uma").patch(printer, json={"name": "P"}, headers={"If-Match": etag})

    assert (seen.status_code, seen.json()["comments_count"]) == (200, 1)
    assert edited.status_code == 200


async def test_the_reporter_who_is_gone_is_nobody(world, as_user, printer):
    await execute(Sql("DELETE FROM account WHERE id = {}", world.people["uma"]))

    ticket = (await as_user("alice").get(printer)).json()

    assert (ticket["name"], ticket["reporter"]) == ("Printer", None)


@pytest.mark.parametrize(
    ("field", "fits", "too_long"),
    [("name", "ქ" * 500, "ქ" * 501), ("description", "ქ" * 2**20, "ქ" * (2**20 + 1))],
)
async def test_texts_have_their_limits(as_user, printer, field, fits, too_long):
    uma = as_user("uma")

    refused = await uma.patch(printer, json={field: too_long})
    assert (refused.status_code, [*refused.json()]) == (400, [field])
    assert (await uma.patch(printer, json={field: fits})).json()[field] == fits


async def test_a_text_of_ever_new_characters_is_kept(as_user, printer):
    every = "".join(map(chr, range(0x10000, 0x10000 + 2**18)))

    answer = await as_user("uma").patch(printer, json={"description": every})

    assert answer.status_code == 200
    assert answer.json()["description"].startswith("𐀀𐀁𐀂")


async def test_text_is_kept_in_one_normal_form(as_user, printer):
    answer = await as_user("uma").patch(
        printer, json={"name": " Cafe\u0301\n", "description": "a\tb"}
    )

    assert (answer.json()["name"], answer.json()["description"]) == ("Caf\u00e9", "a\tb")


async def test_control_characters_are_refused(as_user, printer):
    answer = await as_user("uma").patch(printer, json={"name": "a\x00b", "description": "a\x1bb"})

    assert answer.status_code == 400
    assert {*answer.json()} == {"name", "description"}


async def test_the_numbers_of_two_projects_do_not_meet(world, as_user):
    new = {"name": "Next", "column": world.other_column}

    assert (await as_user("stella").post(TICKETS, json=new)).json()["key"] == "OTHER-2"
    here = await add_ticket(world.project, world.columns["New"], world.people["uma"], "Mouse")
    assert (await as_user("uma").get(f"{TICKETS}{here}/")).json()["key"] == "DESK-2"


async def test_reading_a_ticket_takes_two_statements_and_moving_it_six(
    world, as_user, printer, statements
):
    async with statements() as read:
        await as_user("uma").get(printer)
    async with statements() as moved:
        await as_user("uma").patch(printer, json={"column": world.columns["Done"]})

    assert len(read) == 2, read
    assert len(moved) <= 6, moved
