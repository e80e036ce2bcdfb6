"""Everything that may be known can be read in the admin, and nothing else, whatever is asked."""

import pytest

from tests.admin.browser import sign_in
from tests.conftest import token_of
from tests.world import add_contact, add_tag
from ticketing_server.admin.shown import SHOWN_AS
from ticketing_server.core.db import Sql, execute
from ticketing_server.tables import TABLES

# What the admin leaves out. A new table or column is shown, or has its line here.
HIDDEN = {
    "account": {"password", "token_epoch", "admin", "created_in"},
    "admin_session": {"token_hash", "epoch", "saved_form", "saved_version"},
    "attachment": {"path"},
    "company": {"logo", "logo_thumbnail"},
    "event": {"company"},
    "invitation": {"token_hash"},
    "ticket_assignee": {"open_in", "resolved_on"},
}
NOT_SHOWN = {
    "assigned_count", "audit_count", "ended_session", "idempotent_answer", "login_name",
    "pressing_count", "pressing_ticket", "project_change", "project_counter", "throttle",
    "ticket_count", "ticket_kind_count", "ticket_words", "unclaimed_file",
}  # fmt: skip

TABLE_NAMES = sorted(SHOWN_AS)
# What Piccolo Admin answers about a table.
QUESTIONS = [
    "?__readable=true",
    "?__page_size=1000&__page=1&__order=-id",
    "schema/",
    "new/",
    "count/",
    "ids/?limit=6&offset=0",
    "ids/?search=a&limit=6",
    "references/",
]
SECRETS = ["$argon2", "invitation-hash", "attachments/2025"]


@pytest.fixture
async def full(world):
    """Rows in tables that the cast leaves empty."""
    tag = await add_tag(world.project, "VIP", world.printer)
    await add_contact(world.project, "Giorgi", "", tag)
    await execute(
        Sql(
            "INSERT INTO invitation (project, role, token_hash, expires_at)"
            " VALUES ({}, 'user', 'invitation-hash', now())",
            world.project,
        )
    )
    return world


def test_every_column_of_every_table_is_shown_or_known_to_be_hidden():
    hidden = {
        table._meta.tablename: {column._meta.name for column in table._meta.columns}
        - set(SHOWN_AS[table._meta.tablename].columns.split())
        for table in TABLES
        if table._meta.tablename in SHOWN_AS
    }

    assert {name: columns for name, columns in hidden.items() if columns} == HIDDEN
    assert {table._meta.tablename for table in TABLES} - SHOWN_AS.keys() == NOT_SHOWN


@pytest.mark.parametrize("table", TABLE_NAMES)
async def test_a_table_is_listed_counted_searched_and_described_without_secrets(desk, full, table):
    answers = [await desk.get(f"/api/tables/{table}/{question}") for question in QUESTIONS]

    for row in answers[0].json()["rows"][:1]:
        answers.append(await desk.get(f"/api/tables/{table}/{row['id']}/?__readable=true"))
    assert {answer.status_code for answer in answers} == {200}
    told = "".join(answer.text for answer in answers)
    assert [secret for secret in [*SECRETS, desk.cookies["id"]] if secret in told] == []


@pytest.mark.parametrize(
    "question",
    [
        "account/?__visible_fields=id,password",
        "account/?__order=password",
        "account/?__order=-token_epoch",
        "account/?password=%24argon2",
        "account/?password__match=starts&password=%24",
        "account/?password__operator=not_null",
        "account/{root}/?__visible_fields=password",
        "account/count/?password=%24argon2",
        "account/count/?token_epoch=0",
        "ticket/?__visible_fields=reporter.password",
        "ticket/?__order=reporter.password",
        "ticket/?reporter.password=x",
        "invitation/?token_hash=invitation-hash",
        "admin_session/?__order=token_hash",
        "admin_session/?__visible_fields=account.password",
        "attachment/?path=attachments",
    ],
)
async def test_a_secret_can_not_even_be_guessed_at(desk, full, question):
    answer = await desk.get("/api/tables/" + question.format(root=full.people["root"]))

    assert answer.status_code == 400
    assert '"rows"' not in answer.text
    assert '"count"' not in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "ticket/?__order=nothing",
        "ticket/?__order=",
        "ticket/?nothing=1",
        "ticket/?id=abc",
        "ticket/?id=99999999999999999999999999",
        "ticket/?number=-1&number=x",
        "ticket/?name=%00",
        "ticket/?due_date=yesterday",
        "ticket/?due_date__operator=between",
        "ticket/?__page=-1",
        "ticket/?__page=x",
        "ticket/?__page_size=-1",
        "ticket/?__page_size=100000",
        "ticket/?__page=99999999999999999999",
        "ticket/?__readable=perhaps",
        "ticket/?__visible_fields=",
        "ticket/ids/?limit=-1",
        "ticket/ids/?limit=x",
        "ticket/ids/?limit=99999999999999999999",
        "ticket/ids/?search=%00&limit=6",
        "ticket/ids/?search=%7B%7D%25s&limit=6",
        "ticket/count/?id=abc",
        "ticket/0/",
        "ticket/-1/",
        "ticket/abc/",
        "ticket/99999999999999999999999999/",
        "ticket/%00/",
        "event/?old_value=1",
        "event/?new_value=%7B",
        "nothing/",
        "throttle/",
        "idempotent_answer/1/",
    ],
)
async def test_what_makes_no_sense_is_refused_without_a_bug(desk, question):
    answer = await desk.get(f"/api/tables/{question}")

    assert answer.status_code < 500
    assert "Traceback" not in answer.text
    assert "SELECT" not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/api/docs/",
        "/public/docs/",
        "/openapi.json",
        "/api/openapi.json",
        "/public/openapi.json",
        "/api/mfa-setup/",
        "/api/media/",
        "/api/media-files/ticket/name/x",
        "/api/media/generate-file-url/",
        "/assets/nothing.js",
        "/assets/..%2Findex.html",
        "/nothing/",
    ],
)
async def test_what_the_admin_does_not_need_is_not_there(desk, address):
    assert (await desk.get(address)).status_code == 404
    assert (await desk.post(address, json={})).status_code in (404, 405)


@pytest.mark.parametrize("person", ["alice", "stan", "uma"])
async def test_a_table_is_shown_to_superusers_alone(visitor, person):
    await sign_in(visitor, person)

    answers = [await visitor.get(f"/api/tables/{table}/") for table in TABLE_NAMES]

    assert {answer.status_code for answer in answers} == {401}


async def test_a_bearer_token_is_no_way_into_the_admin(visitor, app, world):
    token = {"Authorization": f"Bearer {token_of(world, 'root')}"}

    assert (await visitor.get("/api/tables/ticket/", headers=token)).status_code == 401


async def test_a_ticket_is_found_by_its_key_and_shown_in_words(desk, world):
    found = (await desk.get("/api/tables/ticket/ids/?search=desk-1&limit=6")).json()
    shown = (await desk.get(f"/api/tables/ticket/{world.printer}/?__readable=true")).json()
    schema = (await desk.get("/api/tables/ticket/schema/")).json()["properties"]

    assert found == {str(world.printer): "DESK-1 Printer"}
    assert shown["column_readable"] == "DESK / New"
    assert (shown["company_readable"], shown["reporter_readable"]) == ("Acme", "uma")
    assert set(schema["urgency"]["extra"]["choices"]) == {"low", "medium", "high", "critical"}
    assert schema["column"]["extra"]["foreign_key"]["to"] == "board_column"
    assert schema["number"]["extra"]["help_text"] == "Read-only here."


async def test_a_list_is_read_in_few_statements(desk, world, statements):
    async with statements() as sent:
        await desk.get("/api/tables/ticket/?__readable=true")

    assert len(sent) == 4
