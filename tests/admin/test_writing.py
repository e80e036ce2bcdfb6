"""What is changed in the admin, the API changes: same rules, same history, same refusals."""

import asyncio

import pytest

from tests.admin.browser import browser, sign_in
from tests.conftest import token_of
from tests.world import (
    PASSWORD,
    add_comment,
    add_contact,
    add_tag,
    add_ticket,
    everything_stored,
)
from ticketing_server.admin.shown import SHOWN_AS
from ticketing_server.admin.writable import WRITABLE
from ticketing_server.core.db import Sql, execute, row, scalar

API = "https://localhost/api/tickets"


def as_form(shown):
    """What the page sends of a row: every field, as text, moments cut to the minute."""
    texts = {name: "" if value is None else value for name, value in shown.items() if name != "id"}
    texts = {name: str(value).lower() if value is True else value for name, value in texts.items()}
    return {
        name: str(value)[:17] + "00.000Z" if name.endswith("_at") and value else str(value)
        for name, value in texts.items()
    }


@pytest.fixture
async def form(desk, world):
    """The page of uma's ticket, as it would be saved without a change."""
    return as_form((await desk.get(f"/api/tables/ticket/{world.printer}/")).json())


@pytest.fixture
def save(desk, world):
    async def saved(sent, table="ticket", id=None):
        return await desk.patch(f"/api/tables/{table}/{id or world.printer}/", json=sent)

    return saved


async def history(desk, world):
    token = {"Authorization": f"Bearer {token_of(world, 'root')}"}
    found = await desk.get(f"{API}/tickets/{world.printer}/history/", headers=token)
    return [
        (one["user"]["username"], one["field"], one["old_value"], one["new_value"])
        for one in found.json()
        if one["action"] == "changed"
    ]


async def test_a_ticket_is_changed_in_its_history_under_the_superusers_name(
    desk, world, form, save
):
    answer = await save({**form, "name": "Plotter", "priority_id": "5", "due_date": "2027-01-31"})

    assert answer.status_code == 200
    told = answer.json()
    assert (told["name"], told["priority_id"], told["due_date"]) == ("Plotter", 5, "2027-01-31")
    assert told["version"] == int(form["version"]) + 1
    assert sorted(await history(desk, world)) == [
        ("root", "due_date", None, "2027-01-31"),
        ("root", "name", "Printer", "Plotter"),
        ("root", "priority_id", 3, 5),
    ]


async def test_a_form_saved_without_a_change_changes_nothing(desk, form, save):
    before = await everything_stored()

    assert (await save(form)).status_code == 200

    assert await everything_stored() == before


async def test_moving_a_ticket_resolves_it(world, form, save):
    answer = await save({**form, "column": str(world.columns["Done"])})

    assert answer.json()["resolved_at"] is not None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (lambda world: {"column": world.other_column}, "column"),
        (lambda world: {"company": world.other_company}, "company"),
        (lambda world: {"name": " "}, "name"),
        (lambda world: {"name": "a\x00b"}, "name"),
        (lambda world: {"priority_id": 6}, "priority_id"),
        (lambda world: {"type": "wish"}, "type"),
        (lambda world: {"due_date": "2026-01-01", "start_date": "2026-02-01"}, "due_date"),
        (lambda world: {"version": "x"}, "version"),
        (lambda world: {"version": 0}, "version"),
        (lambda world: {"project": world.other_project}, "project"),
        (lambda world: {"number": 7}, "number"),
        (lambda world: {"reporter": world.people["root"]}, "reporter"),
        (lambda world: {"search": "x"}, "search"),
        (lambda world: {"assignee_ids": [1]}, "assignee_ids"),
    ],
)
async def test_a_wrong_or_read_only_field_is_named_and_nothing_changes(world, save, wrong, field):
    before = await everything_stored()

    answer = await save({"description": "changed", **wrong(world)})

    assert answer.status_code == 422
    assert [said["loc"][-1] for said in answer.json()["detail"]] == [field]
    assert await everything_stored() == before


async def test_nobodys_change_is_undone_by_an_old_form(desk, world, form, save):
    await execute(Sql("UPDATE ticket SET name = 'Scanner' WHERE id = {}", world.printer))

    answer = await save({**form, "description": "Old news"})

    assert (answer.status_code, answer.text) == (
        412,
        "It was changed since this page was opened: load the page again.",
    )
    assert await history(desk, world) == []


async def test_an_old_form_is_told_so_and_not_of_its_read_only_fields(world, form, save):
    await execute(Sql("UPDATE ticket SET name = 'x' WHERE id = {}", world.printer))
    await execute(Sql("UPDATE ticket SET reporter = NULL WHERE id = {}", world.printer))

    assert (await save(form)).status_code == 412


async def test_of_two_who_save_at_once_one_is_told(app, desk, world, form):
    await execute(Sql("UPDATE account SET superuser = TRUE WHERE username = 'stan'"))
    row = f"/api/tables/ticket/{world.printer}/"
    async with browser(app) as other:
        await sign_in(other, "stan")

        answers = await asyncio.gather(
            desk.patch(row, json={**form, "name": "Mine"}),
            other.patch(row, json={**form, "name": "Yours"}),
        )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert len(await history(desk, world)) == 1


async def test_a_form_can_be_saved_again_and_again_until_somebody_else_comes(world, form, save):
    names = ["One", "Two", "Three"]

    assert [(await save({**form, "name": name})).status_code for name in names] == [200] * 3

    await execute(Sql("UPDATE ticket SET name = 'Scanner' WHERE id = {}", world.printer))
    assert (await save({**form, "name": "Four"})).status_code == 412


async def test_an_account_is_changed_by_the_rules_of_the_api(desk, world, save):
    alice, uma = world.people["alice"], world.people["uma"]

    renamed = await save({"first_name": "Una", "is_staff": "true"}, "account", uma)
    last = await save({"active": "false"}, "account", alice)
    taken = await save({"username": "ALICE"}, "account", uma)
    oneself = await save({"active": "false"}, "account", world.people["root"])

    assert (renamed.json()["first_name"], renamed.json()["is_staff"]) == ("Una", True)
    assert (last.status_code, last.text) == (409, "A project must keep at least one superadmin.")
    assert taken.json()["detail"][0]["loc"] == ["body", "username"]
    assert oneself.status_code == 409


async def test_a_wrong_flag_is_named_as_the_page_names_it(save, world):
    answer = await save({"active": "perhaps"}, "account", world.people["uma"])

    assert answer.json()["detail"][0]["loc"] == ["body", "active"]


async def test_an_account_that_is_deactivated_loses_its_tokens(desk, world, save):
    token = {"Authorization": f"Bearer {token_of(world, 'uma')}"}
    assert (await desk.get(f"{API}/auth/me/", headers=token)).status_code == 200

    assert (await save({"active": "false"}, "account", world.people["uma"])).status_code == 200

    assert (await desk.get(f"{API}/auth/me/", headers=token)).status_code == 401


@pytest.mark.parametrize(
    "sent",
    [
        {"password": "a new good password"},
        {"password": "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA"},
        {"token_epoch": 9},
        {"admin": True},
        {"created_by": 1},
        {"username": "una", "password": "x"},
    ],
)
async def test_no_password_and_no_hash_is_set_by_hand(world, save, sent):
    before = await everything_stored()

    answer = await save(sent, "account", world.people["uma"])

    assert answer.status_code == 422
    assert await everything_stored() == before


async def test_every_writable_column_can_be_written(desk, world, save):
    ids = {
        "tag": await add_tag(world.project, "VIP"),
        "contact": await add_contact(world.project, "Giorgi"),
        "company": world.companies["Acme"],
        "project": world.other_project,
        "board_column": world.columns["Review"],
    }
    sent = {
        "tag": {"name": "Very", "description": "Important", "color": "#abcdef"},
        "contact": {"name": "Gia", "email": "g@example.com", "phone": "5", "title": "Dr",
                    "department": "IT", "description": "Nice"},
        "company": {"name": "Acme Ltd", "description": "Client", "phone": "7",
                    "primary_contact_email": "acme@example.com"},
        "project": {"name": "Others", "description": "Theirs"},
        "board_column": {"name": "Check", "color": "#123456", "category": "todo"},
    }  # fmt: skip

    answers = {table: await save(sent[table], table, ids[table]) for table in ids}

    assert {table: answer.status_code for table, answer in answers.items()} == dict.fromkeys(
        ids, 200
    )
    for table, answer in answers.items():
        assert answer.json() | sent[table] == answer.json()


async def test_a_project_keeps_its_key_once_it_has_tickets(world, save):
    answer = await save({"key": "NEW"}, "project", world.project)

    assert answer.status_code == 409


@pytest.mark.parametrize("table", sorted(set(SHOWN_AS) - set(WRITABLE)))
async def test_other_tables_are_read_only(desk, world, table):
    rows = (await desk.get(f"/api/tables/{table}/")).json()["rows"]
    before = await everything_stored()
    id = rows[0]["id"] if rows else 1

    answers = [
        await desk.post(f"/api/tables/{table}/", json={"role": "superadmin", "project": 1}),
        await desk.delete(f"/api/tables/{table}/{id}/"),
        await desk.patch(f"/api/tables/{table}/{id}/", json={"project": 9, "account": 9}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 422 if rows else 404]
    assert await everything_stored() == before


async def test_tags_contacts_and_columns_are_added(desk, world):
    new = {"project": str(world.project), "name": "New one", "description": "", "version": "1"}

    for table in ("tag", "contact", "board_column"):
        answer = await desk.post(f"/api/tables/{table}/", json=new)

        assert answer.status_code == 201
        found = await row(
            Sql(f"SELECT project, name FROM {table} WHERE id = {{}}", answer.json()[0]["id"]),
            dict[str, object],
        )
        assert found == {"project": world.project, "name": "New one"}
    again = await desk.post("/api/tables/tag/", json=new)
    assert again.json()["detail"][0]["loc"] == ["body", "name"]


@pytest.mark.parametrize("table", ["account", "ticket", "project", "company", "comment"])
async def test_what_is_more_than_a_row_is_not_added_here(desk, world, table):
    before = await everything_stored()

    answer = await desk.post(f"/api/tables/{table}/", json={"name": "x", "project": world.project})

    assert (answer.status_code, answer.text) == (403, "Rows of this table are not added here.")
    assert await everything_stored() == before


async def test_a_ticket_is_deleted_with_an_event(desk, world):
    answer = await desk.delete(f"/api/tables/ticket/{world.printer}/")

    assert answer.status_code == 204
    deleted = Sql("SELECT actor FROM event WHERE action = 'deleted'")
    assert await scalar(deleted, int) == world.people["root"]


async def test_a_deleted_persons_tickets_and_comments_stay(desk, world):
    uma = world.people["uma"]
    comment = await add_comment(world.project, world.printer, uma, "It jams.")

    assert (await desk.delete(f"/api/tables/account/{uma}/")).status_code == 204

    kept = (await desk.get(f"/api/tables/comment/{comment}/")).json()
    assert (kept["content"], kept["author"]) == ("It jams.", None)
    assert (await desk.get(f"/api/tables/ticket/{world.printer}/")).json()["reporter"] is None


async def test_what_is_still_needed_is_not_deleted(desk, world):
    before = await everything_stored()

    answers = [
        await desk.delete(f"/api/tables/account/{world.people['alice']}/"),
        await desk.delete(f"/api/tables/account/{world.people['root']}/"),
        await desk.delete(
            f"/api/tables/board_column/{world.columns['New']}/?move_to={world.columns['Done']}"
        ),
        await desk.delete(f"/api/tables/project/{world.project}/"),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409, 403]
    assert all(answer.headers["content-type"].startswith("text/plain") for answer in answers)
    assert await everything_stored() == before


async def test_rows_are_never_replaced_nor_deleted_in_bulk(desk, world):
    before = await everything_stored()

    answers = [
        await desk.delete("/api/tables/ticket/"),
        await desk.delete("/api/tables/ticket/?name=Printer"),
        await desk.put(f"/api/tables/ticket/{world.printer}/", json={"name": "x"}),
        await desk.post(f"/api/tables/ticket/{world.printer}/", json={"name": "x"}),
        await desk.patch("/api/tables/ticket/schema/", json={"name": "x"}),
    ]

    assert [answer.status_code for answer in answers] == [405, 405, 405, 405, 404]
    assert await everything_stored() == before


@pytest.mark.parametrize("id", ["0", "-1", "abc", 2**63, "9" * 40])
async def test_a_row_that_cannot_exist_is_not_there(desk, id):
    answers = [
        await desk.patch(f"/api/tables/ticket/{id}/", json={"name": "x"}),
        await desk.delete(f"/api/tables/ticket/{id}/"),
        await desk.patch("/api/tables/throttle/1/", json={"hits": 0}),
        await desk.delete("/api/tables/nothing/1/"),
        await desk.post("/api/tables/nothing/", json={}),
    ]

    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"name": "x"}', "text/plain", 415),
        (b'{"name": "' + b"x" * 9_000_000 + b'"}', "application/json", 413),
    ],
)
async def test_a_broken_body_changes_nothing(desk, world, body, kind, status):
    before = await everything_stored()

    answer = await desk.patch(
        f"/api/tables/ticket/{world.printer}/", content=body, headers={"Content-Type": kind}
    )

    assert answer.status_code == status
    assert await everything_stored() == before


async def test_many_tickets_are_changed_one_by_one(desk, world, save):
    """As the page does with selected rows: one field each, and no version."""
    other = await add_ticket(world.project, world.columns["New"], world.people["uma"], "Other")

    for id in (world.printer, other):
        assert (await save({"urgency": "critical"}, "ticket", id)).json()["urgency"] == "critical"


async def test_what_is_changed_here_is_the_superusers_doing_in_the_audit_log(desk, world, save):
    uma = world.people["uma"]
    sent = as_form((await desk.get(f"/api/tables/account/{uma}/")).json())

    await save(sent | {"is_staff": "true"}, "account", uma)

    token = {"Authorization": f"Bearer {token_of(world, 'root')}"}
    log = await desk.get(f"{API}/audit-log/", params={"source": "api"}, headers=token)
    (entry,) = log.json()["results"]
    assert (entry["username"], entry["account"]) == ("root", uma)
    assert entry["new_value"] == {"is_staff": True}


async def test_ones_own_password_that_is_changed_here_is_told_by_name_alone(desk, world):
    new = "quite another passphrase"
    change = {"current_password": PASSWORD, "new_password": new, "confirm_new_password": new}

    assert (await desk.post("/api/change-password/", json=change)).status_code == 200

    told = "SELECT actor, account, fields, old_value, new_value FROM audit_entry ORDER BY id DESC"
    root = world.people["root"]
    assert await row(Sql(told), dict[str, object]) == {
        "actor": root,
        "account": root,
        "fields": ["password"],
        "old_value": None,
        "new_value": None,
    }


@pytest.mark.parametrize("table", ["audit_entry", "audit_detail"])
async def test_the_audit_log_is_read_here_and_never_written(desk, table):
    row = (await desk.get(f"/api/tables/{table}/")).json()["rows"][0]
    shown = await desk.get(f"/api/tables/{table}/{row['id']}/")
    assert shown.status_code == 200, shown.text
    before = await everything_stored()

    answers = [
        await desk.patch(f"/api/tables/{table}/{row['id']}/", json={"resource": "tag"}),
        await desk.delete(f"/api/tables/{table}/{row['id']}/"),
        await desk.post(f"/api/tables/{table}/", json={"resource": "tag"}),
    ]

    assert [answer.status_code for answer in answers] == [422, 403, 403]
    assert await everything_stored() == before
