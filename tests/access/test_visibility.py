"""Who sees which ticket (rulings 4.4), wherever tickets can be seen."""

import pytest

from tests.world import add_company, add_role, add_ticket
from ticketing_server.core.db import Sql, execute


@pytest.fixture
async def copier(world):
    """A ticket of ugo's, for nobody in particular: nothing ties it to uma."""
    return await add_ticket(world.project, world.columns["New"], world.people["ugo"], "Copier")


async def what_they_see(client, world, ticket):
    """The ticket's presence at every place where it could show, by the name of the place."""
    found = (await client.get("/tickets/tickets/?search=copier")).json()
    everything = (await client.get("/tickets/tickets/")).json()
    column = (await client.get(f"/tickets/columns/{world.columns['New']}/")).json()
    board = (await client.get("/tickets/columns/")).json()
    number = (await client.get("/tickets/tickets/?search=DESK-2")).json()
    return {
        "detail": (await client.get(f"/tickets/tickets/{ticket}/")).status_code == 200,
        "comments": (await client.get(f"/tickets/comments/?ticket={ticket}")).status_code == 200,
        "history": (await client.get(f"/tickets/tickets/{ticket}/history/")).status_code == 200,
        "list": ticket in [one["id"] for one in everything["results"]],
        "count": everything["count"] == 2,
        "search": found["count"] == 1,
        "key": number["count"] == 1,
        "column": column.get("tickets_count") == 2,
        "board": 2 in [one["tickets_count"] for one in board],
    }


EVERYWHERE = dict.fromkeys(
    ["detail", "comments", "history", "list", "count", "search", "key", "column", "board"], True
)
NOWHERE = dict.fromkeys(EVERYWHERE, False)


@pytest.mark.parametrize("person", ["alice", "adam", "mona"])
async def test_an_overseer_sees_every_ticket_everywhere(world, as_user, copier, person):
    assert await what_they_see(as_user(person), world, copier) == EVERYWHERE


async def test_without_a_reason_a_ticket_shows_nowhere(world, as_user, copier):
    assert await what_they_see(as_user("uma"), world, copier) == NOWHERE


REASONS = {
    "reported": "UPDATE ticket SET reporter = {person} WHERE id = {ticket}",
    "assigned": "INSERT INTO ticket_assignee (project, ticket, account)"
    " VALUES ({project}, {ticket}, {person})",
    "followed": "INSERT INTO ticket_follower (project, ticket, account)"
    " VALUES ({project}, {ticket}, {person})",
    "of their company": "UPDATE ticket SET company = {company} WHERE id = {ticket}",
}


@pytest.mark.parametrize("reason", REASONS)
async def test_a_user_sees_a_ticket_for_one_reason(world, as_user, copier, reason):
    statement = REASONS[reason].format(
        project=world.project,
        ticket=copier,
        person=world.people["uma"],
        company=world.companies["Acme"],
    )
    await execute(Sql(statement))

    assert await what_they_see(as_user("uma"), world, copier) == EVERYWHERE


async def test_a_user_who_administers_a_company_sees_its_tickets(world, as_user):
    initech = await add_company("Initech", world.project)
    ticket = await add_ticket(
        world.project, world.columns["New"], world.people["ugo"], "Copier", initech
    )
    assert await what_they_see(as_user("uma"), world, ticket) == NOWHERE

    await execute(
        Sql(
            "INSERT INTO company_member (company, account, relation) VALUES ({}, {}, 'admin')",
            initech,
            world.people["uma"],
        )
    )
    assert await what_they_see(as_user("uma"), world, ticket) == EVERYWHERE


async def test_a_company_in_two_projects_shows_only_tickets_of_ones_own_project(world, as_user):
    await execute(
        Sql(
            "INSERT INTO company_project (project, company) VALUES ({}, {})",
            world.other_project,
            world.companies["Acme"],
        )
    )
    await execute(Sql("UPDATE ticket SET company = {}", world.companies["Acme"]))

    seen = (await as_user("uma").get("/tickets/tickets/")).json()
    assert [ticket["id"] for ticket in seen["results"]] == [world.printer]
    assert (await as_user("uma").get(f"/tickets/tickets/{world.other_ticket}/")).status_code == 404


async def test_without_a_role_no_reason_counts(world, as_user):
    stan, secret = world.people["stan"], (world.other_project, world.other_ticket)
    await execute(Sql("UPDATE ticket SET reporter = {}, company = NULL", stan))
    for_stan = "(project, ticket, account) VALUES ({}, {}, {})"
    await execute(Sql(f"INSERT INTO ticket_assignee {for_stan}", *secret, stan))
    await execute(Sql(f"INSERT INTO ticket_follower {for_stan}", *secret, stan))

    seen = (await as_user("stan").get("/tickets/tickets/")).json()
    assert (seen["count"], seen["results"]) == (0, [])
    assert (await as_user("stan").get(f"/tickets/tickets/{world.printer}/")).status_code == 404
    assert (await as_user("stan").get("/tickets/columns/")).json() == []


async def test_an_overseer_here_is_a_mere_user_there(world, as_user):
    await add_role(world.other_project, world.people["alice"], "user")

    seen = (await as_user("alice").get("/tickets/tickets/")).json()
    columns = (
        await as_user("alice").get(f"/tickets/columns/?project={world.other_project}")
    ).json()

    assert [ticket["id"] for ticket in seen["results"]] == [world.printer]
    assert [column["tickets_count"] for column in columns] == [0, 0, 0, 0]


async def test_a_superuser_sees_every_project(world, as_user):
    root = as_user("root")

    tickets = (await root.get("/tickets/tickets/")).json()["results"]
    projects = (await root.get("/tickets/projects/")).json()

    assert {ticket["id"] for ticket in tickets} == {world.printer, world.other_ticket}
    assert [(project["key"], project["role"]) for project in projects] == [
        ("DESK", None),
        ("OTHER", None),
    ]


@pytest.mark.parametrize("parameter", ["column", "project", "reporter", "assignee", "tags"])
async def test_a_filter_on_what_is_a_strangers_finds_nothing(world, as_user, parameter):
    ids = {"column": world.other_column, "project": world.other_project}
    id = ids.get(parameter, world.people["stella"])

    answer = await as_user("alice").get("/tickets/tickets/", params={parameter: id})

    assert (answer.status_code, answer.json()["count"]) == (200, 0)
