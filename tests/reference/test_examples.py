"""The reference's examples, replayed: each request works, each answer has every documented field.

A field may be added to an answer, never renamed, removed or given another type.
"""

import pytest

from tests.conftest import tokens
from tests.reference.examples import EXAMPLES, SECTIONS, documented, misfits
from tests.world import add_attachment, add_comment, add_contact, add_tag
from ticketing_server.core.db import Sql, execute
from ticketing_server.core.secrets.passwords import HASHER

# What an example happens to show filled: a logo, a next page, dates, a person who has signed in.
NULLABLE = frozenset(
    {
        "logo",
        "logo_url",
        "logo_thumbnail_url",
        "next",
        "start_date",
        "due_date",
        "last_login",
    }
)
# What a section's examples need a superuser for: accounts that nobody else manages.
BY_ROOT = {"user_management"}
CASES = [
    pytest.param(section, example, id=f"{section}-{n}-{example.heading}")
    for section, examples in SECTIONS.items()
    for n, example in enumerate(examples)
]


@pytest.fixture
async def desk(world):
    """The cast, and one of everything, with every field filled."""
    people, acme, printer = world.people, world.companies["Acme"], world.printer
    nikora = await add_tag(world.project, "Nikora", printer)
    giorgi = await add_contact(world.project, "Giorgi Beridze", "g.beridze@example.com")
    await add_comment(world.project, printer, people["alice"], "I've started.")
    await add_attachment(world.project, printer, people["alice"], "screenshot.png")
    await execute(
        Sql(
            "INSERT INTO company_member (company, account, relation) VALUES ({}, {}, 'admin')",
            acme,
            people["adam"],
        )
    )
    await execute(Sql("UPDATE ticket SET start_date = '2025-10-20', due_date = '2025-10-25'"))
    await execute(Sql("UPDATE ticket SET name = 'authentication', type = 'bug', priority_id = 4"))
    await execute(Sql("UPDATE account SET last_login = now()"))
    await execute(
        Sql(
            "INSERT INTO account (username, email, password) VALUES ('admin', 'a@example.com', {})",
            HASHER.hash("admin"),
        )
    )
    return Desk(world, nikora, giorgi)


class Desk:
    """Which of our ids stand for the reference's."""

    def __init__(self, world, nikora, giorgi):
        self.people = world.people
        self.columns = list(world.columns.values())
        self.rooms = {
            "tickets": world.printer,
            "tags": nikora,
            "companies": world.companies["Acme"],
            "users": world.people["adam"],
        }
        staff = [world.people[name] for name in ("alice", "adam", "uma")]
        self.lists = {
            "assignee_ids": staff,
            "admin_ids": staff[:2],
            "user_ids": [world.people["uma"], world.people["ugo"]],
            "project_ids": [world.project],
        }
        refresh = tokens("a secret for tests that is long enough").issue(staff[0], 0).refresh
        self.ids = {
            "ticket": world.printer,
            "contact_id": giorgi,
            "project": world.project,
            "project_id": world.project,
            "refresh": refresh,
        }

    def path(self, example):
        room = example.path.split("/")[2]
        query = example.query
        if query in self.ids:
            query = f"{query}={self.ids[query]}"
        return f"{example.path.format(id=self.rooms.get(room))}?{query}"

    def body(self, example):
        given = example.request or example.form or {}
        return {name: self._value(example.path, name, value) for name, value in given.items()}

    def _value(self, path, name, value):
        if name == "column":
            return self.columns[value - 1]
        if name == "user_id":
            whom = {"assign_user": "ugo", "remove_user": "uma"}
            return self.people[whom.get(path.split("/")[-2], "adam")]
        if name == "order" and isinstance(value, list):
            return [{**one, "id": self.columns[one["id"] - 1]} for one in value]
        if name in self.lists:
            return self.lists[name][: len(value)]
        return self.ids.get(name, value)


@pytest.mark.parametrize(("section", "example"), CASES)
async def test_an_example_of_the_reference_answers_as_documented(desk, as_user, section, example):
    client = as_user("root" if section in BY_ROOT else "alice")
    sent = {"json": desk.body(example)} if example.request else {}
    if example.form:
        sent = {"data": desk.body(example), "files": {"file": ("image.png", b"pixels")}}

    answer = await client.request(example.method, desk.path(example), **sent)

    assert answer.status_code in example.statuses, answer.text
    assert misfits(documented(example), answer.json(), NULLABLE) == []
    if isinstance(answer.json(), dict) and "results" in answer.json():
        assert answer.json()["results"]
    assert answer.json() != []


@pytest.mark.parametrize(
    ("person", "method", "path", "body", "status", "shown"),
    [
        (
            "alice",
            "POST",
            "/tickets/tickets/",
            {"column": 999},
            400,
            {
                "name": ["This field is required."],
                "column": ['Invalid pk "999" - object does not exist.'],
            },
        ),
        (
            "uma",
            "PATCH",
            "/tickets/projects/{project}/",
            {"name": "Mine"},
            403,
            {"detail": "You do not have permission to perform this action."},
        ),
        ("uma", "GET", "/tickets/tickets/999999/", None, 404, {"detail": "Not found."}),
    ],
)
async def test_an_error_of_the_reference_reads_as_documented(
    world, as_user, person, method, path, body, status, shown
):
    answer = await as_user(person).request(method, path.format(project=world.project), json=body)

    assert answer.status_code == status
    assert {name: answer.json()[name] for name in shown} == shown


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ({}, {"detail": "Authentication credentials were not provided."}),
        (
            {"Authorization": "Bearer made-up"},
            {
                "detail": "Given token not valid for any token type",
                "code": "token_not_valid",
                "messages": [
                    {
                        "token_class": "AccessToken",
                        "token_type": "access",
                        "message": "Token is invalid or expired",
                    }
                ],
            },
        ),
    ],
)
async def test_a_401_of_the_reference_reads_as_documented(client, headers, shown):
    answer = await client.get("/tickets/tickets/", headers=headers)

    assert (answer.status_code, answer.json()) == (401, shown)


def test_every_example_is_here():
    """48 under the headings, 6 of the common patterns and cURL lines, 5 of a ticket's updates."""
    assert len(EXAMPLES) == 59
