"""Who asks is remembered between requests; what they are is true at every one of them."""

import datetime as dt

import pytest

from tests.conftest import client_of, make_app, tokens
from tests.world import PASSWORD, add_role, add_ticket
from ticketing_server.access.asker import MOST_PREPARED
from ticketing_server.core.db import Sql, execute

READS = [
    "/tickets/tickets/",
    "/tickets/tickets/{printer}/",
    "/tickets/columns/",
    "/tickets/comments/?ticket={printer}",
]
ENDS = {
    "deactivated": "UPDATE account SET active = FALSE WHERE id = {person}",
    "another password": "UPDATE account SET password = 'x' WHERE id = {person}",
    "deleted": "DELETE FROM account WHERE id = {person}",
}


@pytest.fixture
async def adams(world, as_user):
    """adam's client, whom the server has seen at every place."""
    adam = as_user("adam")
    for path in READS:
        assert (await adam.get(path.format(printer=world.printer))).status_code == 200
    return adam


@pytest.mark.parametrize("path", READS)
async def test_once_who_asks_is_known_a_read_is_one_statement(world, adams, statements, path):
    async with statements() as sent:
        await adams.get(path.format(printer=world.printer))

    assert len(sent) == 1, sent


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("path", READS)
async def test_whose_account_has_ended_reads_nothing_any_more(world, adams, path, end):
    await execute(Sql(ENDS[end].format(person=world.people["adam"])))

    answer = await adams.get(path.format(printer=world.printer))

    assert answer.status_code == 401
    assert answer.json()["code"] == "token_not_valid"


@pytest.mark.parametrize("path", READS)
async def test_after_logging_out_nothing_is_read(world, client, path):
    signed_in = await client.post(
        "/tickets/auth/login/", json={"username": "adam", "password": PASSWORD}
    )
    pair = signed_in.json()["tokens"]
    bearer = {"Authorization": f"Bearer {pair['access']}"}
    address = path.format(printer=world.printer)
    before = await client.get(address, headers=bearer)

    await client.post("/tickets/auth/logout/", json={"refresh": pair["refresh"]})
    after = await client.get(address, headers=bearer)

    assert (before.status_code, after.status_code) == (200, 401)


async def test_what_was_prepared_for_one_ticket_or_page_tells_of_no_other(world, adams):
    column = world.columns["New"]
    other = await add_ticket(world.project, column, world.people["adam"], "Another")
    tickets, sizes = [world.printer, other] * 2, [*range(1, MOST_PREPARED + 2)] * 2
    board = f"/tickets/columns/?project={world.project}"

    shown = [(await adams.get(f"/tickets/tickets/{one}/")).json()["id"] for one in tickets]
    pages = [(await adams.get(f"{board}&page_size={size}")).json() for size in sizes]

    whole = (await adams.get(board)).json()
    assert shown == tickets
    assert pages == [whole[:size] for size in sizes]
    assert len(whole) > 1


async def test_a_token_that_expires_meanwhile_is_refused(world, app, monkeypatch):
    token = tokens("a secret for tests that is long enough").issue(world.people["adam"], 0).access
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(hours=25)
    async with client_of(app, Authorization=f"Bearer {token}") as adam:
        before = await adam.get("/tickets/tickets/")
        monkeypatch.setattr("ticketing_server.core.secrets.tokens.now", lambda: tomorrow)
        after = await adam.get("/tickets/tickets/")

    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize("query", ["page=0", "column=x", "ordering=password"])
async def test_whose_account_has_ended_is_told_so_before_what_is_wrong(world, adams, query):
    before = await adams.get(f"/tickets/tickets/?{query}")
    await execute(Sql(ENDS["deactivated"].format(person=world.people["adam"])))

    after = await adams.get(f"/tickets/tickets/?{query}")

    assert (before.status_code, after.status_code) == (404 if "page" in query else 400, 401)


async def test_a_role_that_is_taken_away_hides_at_once_what_it_showed(world, adams):
    await execute(Sql("DELETE FROM user_role WHERE account = {}", world.people["adam"]))

    answers = [await adams.get(path.format(printer=world.printer)) for path in READS]

    assert [answer.status_code for answer in answers] == [200, 404, 200, 400]
    assert (answers[0].json()["count"], answers[2].json()) == (0, [])


async def test_a_role_that_is_given_shows_at_once_what_it_hid(world, adams):
    await add_role(world.other_project, world.people["adam"], "manager")

    secret = await adams.get(f"/tickets/tickets/{world.other_ticket}/")

    assert secret.status_code == 200
    assert (await adams.get("/tickets/tickets/")).json()["count"] == 2


async def test_a_company_that_is_left_hides_its_tickets_at_once(world, as_user):
    uma = as_user("uma")
    theirs = await add_ticket(
        world.project, world.columns["New"], world.people["ugo"], "Copier", world.companies["Acme"]
    )
    before = await uma.get(f"/tickets/tickets/{theirs}/")
    await execute(Sql("DELETE FROM company_member WHERE account = {}", world.people["uma"]))

    after = await uma.get(f"/tickets/tickets/{theirs}/")

    assert (before.status_code, after.status_code) == (200, 404)


async def test_a_superuser_no_more_sees_at_once_like_anybody(world, as_user):
    root = as_user("root")
    before = (await root.get("/tickets/tickets/")).json()["count"]
    await execute(Sql("UPDATE account SET superuser = FALSE WHERE id = {}", world.people["root"]))

    assert (before, (await root.get("/tickets/tickets/")).json()["count"]) == (2, 0)


async def test_what_one_process_remembers_another_may_have_changed(world, as_user):
    token = tokens("a secret for tests that is long enough").issue(world.people["adam"], 0).access
    async with (
        client_of(make_app(), Authorization=f"Bearer {token}") as here,
        client_of(make_app(), Authorization=f"Bearer {token}") as there,
    ):
        await here.get("/tickets/tickets/")
        await there.get("/tickets/tickets/")
        await as_user("alice").post(
            f"/tickets/users/{world.people['adam']}/remove_role/",
            json={"project_id": world.project},
        )
        counts = [(await one.get("/tickets/tickets/")).json()["count"] for one in (here, there)]

    assert counts == [0, 0]
