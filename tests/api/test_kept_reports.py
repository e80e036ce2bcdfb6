"""A report that is kept between two readers is never an old one."""

import asyncio
import contextvars

import pytest

from tests.conftest import client_of, make_app, token_of
from tests.waiting import has_to_wait, somebody_else
from tests.world import add_ticket
from ticketing_server.core.db import DB, Sql, execute

REPORTS = ["company-health", "workload", "kanban-summary"]


@pytest.fixture
def report(world, as_user):
    async def report(slug, person="mona", project=None):
        address = f"/tickets/dashboard/{slug}/?project={project or world.project}"
        return (await as_user(person).get(address)).json()

    return report


@pytest.fixture
def fresh(world):
    """What a server answers that has just started."""

    async def fresh(slug):
        async with client_of(
            make_app(), Authorization=f"Bearer {token_of(world, 'mona')}"
        ) as client:
            return (await client.get(f"/tickets/dashboard/{slug}/?project={world.project}")).json()

    return fresh


@pytest.mark.parametrize("slug", REPORTS)
async def test_what_has_not_changed_is_not_read_again(report, statements, slug):
    first = await report(slug)

    async with statements() as sent:
        again = await report(slug, person="alice")

    who_asks, is_it_the_same = 1, 1
    assert len(sent) == who_asks + is_it_the_same
    assert again == first


CHANGES = {
    "a ticket is created": lambda w: (
        "POST", "/tickets/tickets/",
        {"name": "New", "column": w.columns["New"], "company": w.companies["Globex"]},
    ),
    "a ticket becomes critical": lambda w: (
        "PATCH", f"/tickets/tickets/{w.printer}/", {"priority_id": 5},
    ),
    "a ticket is moved": lambda w: (
        "PATCH", f"/tickets/tickets/{w.held}/", {"column": w.columns["New"]},
    ),
    "a ticket is resolved": lambda w: (
        "PATCH", f"/tickets/tickets/{w.printer}/", {"column": w.columns["Done"]},
    ),
    "a ticket goes to another company": lambda w: (
        "PATCH", f"/tickets/tickets/{w.printer}/", {"company": w.companies["Globex"]},
    ),
    "a ticket is taken": lambda w: (
        "PATCH", f"/tickets/tickets/{w.printer}/", {"assignee_ids": [w.people["adam"]]},
    ),
    "a ticket is given up": lambda w: (
        "PATCH", f"/tickets/tickets/{w.held}/", {"assignee_ids": []},
    ),
    "a ticket is deleted": lambda w: ("DELETE", f"/tickets/tickets/{w.printer}/", None),
    "a column changes its meaning": lambda w: (
        "PATCH", f"/tickets/columns/{w.columns['In Progress']}/", {"category": "done"},
    ),
    "a column gives its tickets away": lambda w: (
        "DELETE",
        f"/tickets/columns/{w.columns['In Progress']}/?move_to={w.columns['Done']}", None,
    ),
    "a company is renamed": lambda w: (
        "PATCH", f"/tickets/companies/{w.companies['Acme']}/", {"name": "Ajax"},
    ),
    "a company is deleted": lambda w: (
        "DELETE", f"/tickets/companies/{w.companies['Globex']}/", None,
    ),
    "a company comes": lambda w: (
        "POST", "/tickets/companies/", {"name": "Initech", "project_ids": [w.project]},
    ),
    "an agent leaves": lambda w: (
        "POST", f"/tickets/users/{w.people['adam']}/remove_role/", {"project_id": w.project},
    ),
    "an agent comes": lambda w: (
        "POST", f"/tickets/users/{w.people['ugo']}/assign_role/",
        {"project_id": w.project, "role": "admin"},
    ),
    "an agent changes names": lambda w: (
        "PATCH", f"/tickets/users/{w.people['adam']}/", {"first_name": "Adamus"},
    ),
    "an agent is disabled": lambda w: (
        "POST", f"/tickets/users/{w.people['adam']}/toggle_active/", {},
    ),
    "an agent is deleted": lambda w: ("DELETE", f"/tickets/users/{w.people['adam']}/", None),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
async def test_who_reads_after_a_change_reads_the_change(world, as_user, report, fresh, what):
    world.held = await add_ticket(
        world.project, world.columns["In Progress"], world.people["adam"], "Held"
    )
    await execute(
        Sql(
            "INSERT INTO ticket_assignee (project, ticket, account) VALUES ({}, {}, {})",
            world.project,
            world.held,
            world.people["adam"],
        )
    )
    before = [await report(slug) for slug in REPORTS]
    method, address, body = CHANGES[what](world)

    answer = await as_user("root").request(method, address, json=body)

    assert answer.status_code in (200, 201, 204), answer.text
    after = [await report(slug) for slug in REPORTS]
    assert after == [await fresh(slug) for slug in REPORTS]
    assert after != before


async def test_a_change_that_was_under_way_while_the_report_was_read_is_seen_once_it_is_made(
    world, report
):
    async with DB.transaction():
        await execute(
            Sql("UPDATE ticket SET priority_id = 5 WHERE id = {} RETURNING id", world.printer)
        )
        before = await _from_another_connection(report)
        await _from_another_connection(report)

    after = await report("company-health")

    assert before["companies"][0]["health_status"] == "healthy"
    assert after["companies"][0]["health_status"] == "critical"


async def _from_another_connection(report):
    """A task of its own is not inside this one's transaction."""
    return await asyncio.create_task(report("company-health"), context=contextvars.Context())


async def test_a_report_of_one_project_is_not_anothers(world, report):
    ours = await report("company-health", person="root")

    theirs = await report("company-health", person="root", project=world.other_project)

    assert [company["name"] for company in ours["companies"]] == ["Acme", "Globex"]
    assert [company["name"] for company in theirs["companies"]] == ["Umbrella"]


async def test_a_kept_report_is_no_way_around_the_role(world, as_user, report):
    await report("company-health")

    refused = await as_user("uma").get(
        f"/tickets/dashboard/company-health/?project={world.project}"
    )
    strange = await as_user("stella").get(
        f"/tickets/dashboard/company-health/?project={world.project}"
    )

    assert (refused.status_code, strange.status_code) == (403, 404)


async def test_signing_in_changes_no_report(world, report, client, statements):
    await report("workload")
    await client.post(
        "/tickets/auth/login/", json={"username": "adam", "password": "correct horse battery"}
    )

    async with statements() as sent:
        await report("workload")

    assert len(sent) == 2


async def test_of_many_who_ask_while_a_report_is_read_one_reads_it_again(
    world, as_user, report, statements
):
    await report("company-health")
    await as_user("alice").patch(f"/tickets/tickets/{world.printer}/", json={"priority_id": 5})

    async with statements() as sent:
        async with somebody_else() as other:
            await other.execute("LOCK TABLE company IN ACCESS EXCLUSIVE MODE")
            first = await has_to_wait(report("company-health"))
            others = [asyncio.create_task(report("company-health")) for _ in range(7)]
            await _have_asked(sent, 8)
        answers = await asyncio.gather(first, *others)

    assert {answer["companies"][0]["health_status"] for answer in answers} == {"critical"}
    assert sum("FROM company c" in statement for statement in sent) == 2


async def _have_asked(sent, times):
    """So many have been told whether the project has changed."""
    async with asyncio.timeout(5):
        while sum("AS is_changed" in statement for statement in sent) < times:
            await asyncio.sleep(0.01)


async def test_who_asks_while_a_report_is_read_waits_no_longer_than_a_widget_may_take(
    world, as_user, monkeypatch
):
    monkeypatch.setattr("ticketing_server.dashboard.reading.SECONDS", 0.3)
    health = f"/tickets/dashboard/company-health/?project={world.project}"
    async with DB.transaction():
        await execute(Sql("LOCK TABLE company IN ACCESS EXCLUSIVE MODE"))
        answers = await asyncio.gather(
            *[
                asyncio.create_task(_asked(as_user("mona"), health), context=contextvars.Context())
                for _ in range(4)
            ]
        )

    assert [answer.status_code for answer in answers] == [503] * 4
    assert (await as_user("mona").get(health)).status_code == 200


async def _asked(client, address):
    return await client.get(address)


async def test_the_board_of_those_who_see_everything_is_not_a_users(world, as_user, report):
    await add_ticket(
        world.project,
        world.columns["New"],
        world.people["adam"],
        "Theirs",
        world.companies["Globex"],
    )
    monas = await report("kanban-summary")

    umas = await report("kanban-summary", person="uma")
    ugos = await report("kanban-summary", person="ugo")

    counts = [summary["columns"][0]["count"] for summary in (monas, umas, ugos)]
    assert counts == [2, 1, 1]
