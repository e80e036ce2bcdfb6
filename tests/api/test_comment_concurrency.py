"""Comments on what others take away at the same time: no orphan, no deadlock, nothing lost."""

import asyncio
from collections import Counter

import pytest

from tests.waiting import has_to_wait, somebody_else
from tests.world import add_comment
from ticketing_server.core.db import Sql, scalar, scalars

COMMENTS = "/tickets/comments/"


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


@pytest.fixture
async def umas(world):
    return await add_comment(world.project, world.printer, world.people["uma"], "It jams again.")


async def test_a_comment_on_a_ticket_that_is_just_being_deleted_is_refused(world, as_user):
    new = {"ticket": world.printer, "content": "Hm."}

    async with somebody_else() as other:
        await other.execute("DELETE FROM ticket WHERE id = $1", world.printer)
        waiting = await has_to_wait(as_user("uma").post(COMMENTS, json=new))
    answer = await waiting

    assert answer.status_code == 400
    assert answer.json() == {
        "ticket": [f'Invalid pk "{world.printer}" - object does not exist.'],
    }
    assert await scalars(Sql("SELECT id FROM comment"), int) == [world.other_comment]
    assert await scalar(Sql("SELECT count(*) FROM event"), int) == 0


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("table", ["ticket", "comment"])
async def test_a_comment_that_is_just_being_deleted_is_not_there(
    world, as_user, umas, method, table
):
    address, id = f"{COMMENTS}{umas}/", {"ticket": world.printer, "comment": umas}[table]

    async with somebody_else() as other:
        await other.execute(f"DELETE FROM {table} WHERE id = $1", id)
        waiting = await has_to_wait(
            as_user("uma").request(method, address, json={"content": "Aha."})
        )
    answer = await waiting

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    assert await scalar(Sql("SELECT count(*) FROM event"), int) == 0


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_who_waits_for_a_project_holds_nothing_of_it(world, as_user, umas, method):
    """Whoever deletes a project locks it first and what lies in it next."""
    address = COMMENTS if method == "POST" else f"{COMMENTS}{umas}/"
    body = {"ticket": world.printer, "content": "Aha."}

    async with somebody_else() as other:
        await other.execute("SELECT FROM project WHERE id = $1 FOR UPDATE", world.project)
        waiting = await has_to_wait(as_user("uma").request(method, address, json=body))
        await other.execute("SET LOCAL lock_timeout = '100ms'")
        await other.execute("DELETE FROM project WHERE id = $1", world.project)
    answer = await waiting

    assert answer.status_code == (400 if method == "POST" else 404)
    assert await scalars(Sql("SELECT id FROM comment"), int) == [world.other_comment]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_who_waits_for_a_ticket_holds_no_comment_of_it(world, as_user, umas, method):
    async with somebody_else() as other:
        await other.execute("SELECT FROM ticket WHERE id = $1 FOR UPDATE", world.printer)
        waiting = await has_to_wait(
            as_user("uma").request(method, f"{COMMENTS}{umas}/", json={"content": "Aha."})
        )
        await other.execute("SET LOCAL lock_timeout = '100ms'")
        await other.execute("UPDATE comment SET content = 'Touched.' WHERE id = $1", umas)
    answer = await waiting

    assert answer.is_success
    kept = Sql("SELECT content FROM comment WHERE id = {}", umas)
    assert await scalars(kept, str) == (["Aha."] if method == "PATCH" else [])


async def test_if_match_is_held_against_the_version_that_is_there_at_last(world, as_user, umas):
    uma, address = as_user("uma"), f"{COMMENTS}{umas}/"
    seen = {"If-Match": (await uma.get(address)).headers["etag"]}

    async with somebody_else() as other:
        await other.execute("UPDATE comment SET content = 'Sooner.' WHERE id = $1", umas)
        waiting = await has_to_wait(uma.patch(address, json={"content": "Later."}, headers=seen))
    answer = await waiting

    assert answer.status_code == 412
    assert (await uma.get(address)).json()["content"] == "Sooner."
    assert await scalar(Sql("SELECT count(*) FROM event"), int) == 0


async def test_commenting_holds_up_nobody_who_edits_the_ticket(world, as_user):
    async with somebody_else() as other:
        await other.execute("UPDATE ticket SET name = 'Plotter' WHERE id = $1", world.printer)
        new = {"ticket": world.printer, "content": "Hm."}
        async with asyncio.timeout(2):
            answer = await as_user("uma").post(COMMENTS, json=new)

    assert answer.status_code == 201


async def test_a_ticket_deleted_under_new_comments_leaves_none(world, as_user, umas):
    new = {"ticket": world.printer, "content": "Hm."}
    uma, mona = as_user("uma"), as_user("mona")

    *answers, deleted = await asyncio.gather(
        *(client.post(COMMENTS, json=new) for client in (uma, mona) * 4),
        *(uma.patch(f"{COMMENTS}{umas}/", json={"content": f"No. {n}"}) for n in range(4)),
        uma.delete(f"{COMMENTS}{umas}/"),
        uma.delete(f"/tickets/tickets/{world.printer}/"),
    )

    assert statuses(answers).keys() <= {200, 201, 204, 400, 404}
    assert deleted.status_code == 204
    assert await scalars(Sql("SELECT id FROM comment"), int) == [world.other_comment]
    assert await scalar(Sql("SELECT count(*) FROM event WHERE ticket IS NOT NULL"), int) == 0


async def test_of_parallel_edits_of_one_version_one_wins(world, as_user, umas):
    uma, address = as_user("uma"), f"{COMMENTS}{umas}/"
    seen = {"If-Match": (await uma.get(address)).headers["etag"]}

    answers = await asyncio.gather(
        *(uma.patch(address, json={"content": f"No. {n}"}, headers=seen) for n in range(8))
    )

    assert statuses(answers) == {200: 1, 412: 7}
    assert (await uma.get(address)).json()["version"] == 2
    assert await scalar(Sql("SELECT count(*) FROM event"), int) == 1


async def test_parallel_edits_of_any_version_all_happen(world, as_user, umas):
    uma, address = as_user("uma"), f"{COMMENTS}{umas}/"

    answers = await asyncio.gather(
        *(uma.patch(address, json={"content": f"No. {n}"}) for n in range(8))
    )

    assert statuses(answers) == {200: 8}
    assert (await uma.get(address)).json()["version"] == 9
    assert await scalar(Sql("SELECT count(*) FROM event"), int) == 8


async def test_a_comment_is_deleted_once(world, as_user, umas):
    answers = await asyncio.gather(
        *(as_user(name).delete(f"{COMMENTS}{umas}/") for name in ("uma", "alice", "root") * 2)
    )

    assert statuses(answers) == {204: 1, 404: 5}
    assert await scalar(Sql("SELECT count(*) FROM event"), int) == 1
