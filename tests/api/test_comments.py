"""Comments: who says something about a ticket, who takes it back, and what is left (5.3)."""

import pytest

from tests.world import add_comment, add_role, everything_stored
from ticketing_server.core.db import Sql, execute, scalar, scalars

COMMENTS = "/tickets/comments/"
KEYS = {"id", "ticket", "user", "content", "created_at", "updated_at"}
ADDED = {"version"}
PERSON = {"id", "username", "email", "first_name", "last_name"}
SEERS = ["alice", "adam", "uma", "mona", "root"]
OTHERS = ["ugo", "stella", "stan"]
LONGEST = 1_048_576


def at(comment):
    return f"{COMMENTS}{comment}/"


def missing(ticket):
    return [f'Invalid pk "{ticket}" - object does not exist.']


def refusal(action, role, roles_allowed):
    return {
        "detail": "You do not have permission to perform this action.",
        "action": action,
        "role": role,
        "roles_allowed": roles_allowed,
    }


async def said_by(world, name, content="Hm."):
    return await add_comment(world.project, world.printer, world.people[name], content)


@pytest.fixture
async def umas(world):
    """A comment of uma's on her Printer."""
    return await said_by(world, "uma", "It jams again.")


# The reference


async def test_the_references_request_makes_the_references_comment(world, as_user):
    content = "This has been fixed and deployed to production."

    answer = await as_user("uma").post(COMMENTS, json={"ticket": world.printer, "content": content})

    comment = answer.json()
    assert answer.status_code == 201
    assert set(comment) == KEYS | ADDED
    assert (comment["ticket"], comment["content"]) == (world.printer, content)
    assert comment["user"] == {
        "id": world.people["uma"],
        "username": "uma",
        "email": "uma@example.com",
        "first_name": "Uma",
        "last_name": "",
    }
    assert comment["created_at"] == comment["updated_at"]
    assert comment["created_at"].endswith("Z")
    assert (await as_user("uma").get(at(comment["id"]))).json() == comment


async def test_the_references_list_is_a_bare_array_of_such_comments(world, as_user, umas):
    answer = await as_user("uma").get(f"{COMMENTS}?ticket={world.printer}")

    (comment,) = answer.json()
    assert answer.status_code == 200
    assert answer.headers["x-total-count"] == "1"
    assert "link" not in answer.headers
    assert set(comment) == KEYS | ADDED
    assert set(comment["user"]) == PERSON
    assert comment == (await as_user("uma").get(at(umas))).json()


# Adding


@pytest.mark.parametrize("person", SEERS)
async def test_whoever_sees_a_ticket_may_comment(world, as_user, person):
    client, ticket = as_user(person), f"/tickets/tickets/{world.printer}/"

    answer = await client.post(COMMENTS, json={"ticket": world.printer, "content": "On it."})

    assert answer.status_code == 201
    assert answer.json()["user"]["id"] == world.people[person]
    assert answer.json()["user"]["email"] == f"{person}@example.com"
    assert (await client.get(ticket)).json()["comments_count"] == 1


@pytest.mark.parametrize("person", OTHERS)
async def test_for_whoever_does_not_see_it_the_ticket_is_not_there(world, as_user, person):
    before = await everything_stored()
    new = {"ticket": world.printer, "content": "Let me in."}

    hidden = await as_user(person).post(COMMENTS, json=new)
    unknown = await as_user(person).post(COMMENTS, json={**new, "ticket": 4711})

    assert (hidden.status_code, unknown.status_code) == (400, 400)
    assert hidden.json() == {"ticket": missing(world.printer)}
    assert unknown.json() == {"ticket": missing(4711)}
    assert await everything_stored() == before


async def test_every_wrong_field_is_named_at_once(world, as_user):
    uma = as_user("uma")
    blank, required = ["This field may not be blank."], ["This field is required."]

    hidden = await uma.post(COMMENTS, json={"ticket": world.other_ticket, "content": " \n "})
    empty = await uma.post(COMMENTS, json={})
    impossible = await uma.post(COMMENTS, json={"ticket": 2**63, "content": None})

    assert hidden.json() == {"ticket": missing(world.other_ticket), "content": blank}
    assert empty.json() == {"ticket": required, "content": required}
    assert set(impossible.json()) == {"ticket", "content"}
    assert [answer.status_code for answer in (hidden, empty, impossible)] == [400] * 3
    assert await scalar(Sql("SELECT count(*) FROM comment"), int) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  trimmed\t", "trimmed"),
        ("two\r\nlines", "two\nlines"),
        ("cafe\u0301", "caf\u00e9"),
        ("პრინტერი ისევ იჭედება 🖨", "პრინტერი ისევ იჭედება 🖨"),
        ("'; DROP TABLE comment; -- {} %s", "'; DROP TABLE comment; -- {} %s"),
        ("ა" * LONGEST, "ა" * LONGEST),
    ],
    ids=lambda text: ascii(text[:12]),
)
async def test_content_is_kept_as_text(world, as_user, umas, given, kept):
    uma = as_user("uma")

    made = await uma.post(COMMENTS, json={"ticket": world.printer, "content": given})
    changed = await uma.patch(at(umas), json={"content": given})

    assert (made.status_code, changed.status_code) == (201, 200)
    assert made.json()["content"] == changed.json()["content"] == kept


@pytest.mark.parametrize(
    "content", ["", "  ", None, 7, ["x"], "a\0b", "a\x1bb", "x" * (LONGEST + 1)]
)
async def test_what_is_no_content_is_refused(world, as_user, umas, content):
    before = await everything_stored()

    made = await as_user("uma").post(COMMENTS, json={"ticket": world.printer, "content": content})
    changed = await as_user("uma").patch(at(umas), json={"content": content})

    assert (made.status_code, changed.status_code) == (400, 400)
    assert set(made.json()) == set(changed.json()) == {"content"}
    assert await everything_stored() == before


async def test_what_the_server_owns_cannot_be_set_from_a_body(world, as_user, umas):
    owned = {
        "id": 4711,
        "user": world.people["alice"],
        "author": world.people["alice"],
        "project": world.other_project,
        "created_at": "2001-01-01T00:00:00Z",
        "updated_at": "2001-01-01T00:00:00Z",
        "version": 9,
    }
    new = {"ticket": world.printer, "content": "Mine."}

    made = (await as_user("uma").post(COMMENTS, json={**owned, **new})).json()
    moved = await as_user("uma").patch(at(umas), json={**owned, "ticket": world.other_ticket})

    assert {name for name in owned if made.get(name) == owned[name]} == set()
    assert made["user"]["username"] == "uma"
    assert moved.status_code == 200
    assert moved.json()["ticket"] == world.printer
    assert moved.json()["version"] == 1


async def test_an_idempotent_comment_is_made_once(world, as_user):
    new, key = {"ticket": world.printer, "content": "Once."}, {"Idempotency-Key": "comment-1"}

    first = await as_user("uma").post(COMMENTS, json=new, headers=key)
    second = await as_user("uma").post(COMMENTS, json=new, headers=key)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len((await as_user("uma").get(f"{COMMENTS}?ticket={world.printer}")).json()) == 1


# Reading


async def test_the_oldest_comment_comes_first_and_ties_break_on_the_id(world, as_user):
    ids = [await said_by(world, "uma", f"No. {n}") for n in range(4)]
    await execute(Sql("UPDATE comment SET created_at = '2026-01-01' WHERE id = {}", ids[2]))
    await execute(Sql("UPDATE comment SET created_at = '2026-02-01' WHERE id <> {}", ids[2]))

    answer = await as_user("mona").get(f"{COMMENTS}?ticket={world.printer}")

    assert [one["id"] for one in answer.json()] == [ids[2], ids[0], ids[1], ids[3]]


async def test_a_page_is_cut_only_when_it_is_asked_for(world, as_user):
    ids = [await said_by(world, "uma", f"No. {n}") for n in range(25)]
    uma, whole = as_user("uma"), f"{COMMENTS}?ticket={world.printer}"

    everything = await uma.get(whole)
    first, last = await uma.get(f"{whole}&page=1"), await uma.get(f"{whole}&page=3&page_size=10")
    past, nonsense = await uma.get(f"{whole}&page=4&page_size=10"), await uma.get(f"{whole}&page=x")

    assert [one["id"] for one in everything.json()] == ids
    assert [one["id"] for one in first.json()] == ids[:20]
    assert [one["id"] for one in last.json()] == ids[20:]
    assert {one.headers["x-total-count"] for one in (everything, first, last)} == {"25"}
    assert 'rel="next"' in first.headers["link"]
    assert f"ticket={world.printer}" in first.headers["link"]
    assert past.status_code == nonsense.status_code == 404
    assert past.json() == nonsense.json() == {"detail": "Invalid page."}


async def test_a_ticket_without_comments_has_an_empty_list(world, as_user):
    whole = f"{COMMENTS}?ticket={world.printer}"

    plain, paged = await as_user("uma").get(whole), await as_user("uma").get(f"{whole}&page=1")
    beyond = await as_user("uma").get(f"{whole}&page=2")

    assert (plain.status_code, plain.json(), plain.headers["x-total-count"]) == (200, [], "0")
    assert (paged.status_code, paged.json(), paged.headers["x-total-count"]) == (200, [], "0")
    assert beyond.status_code == 404


async def test_without_a_ticket_there_is_no_list(world, as_user):
    answer = await as_user("alice").get(COMMENTS)

    assert answer.status_code == 400
    assert answer.json() == {"ticket": ["This field is required."]}


@pytest.mark.parametrize("ticket", ["", "0", "-1", "%2B1", "abc", 2**63, 2**80, "1%00"])
async def test_the_list_of_an_impossible_ticket_is_a_wrong_question(world, as_user, ticket):
    answer = await as_user("root").get(f"{COMMENTS}?ticket={ticket}")

    assert answer.status_code == 400
    assert set(answer.json()) == {"ticket"}


@pytest.mark.parametrize("person", OTHERS)
async def test_the_list_of_a_hidden_ticket_is_that_of_an_unknown_one(world, as_user, umas, person):
    client = as_user(person)

    hidden = await client.get(f"{COMMENTS}?ticket={world.printer}")
    unknown = await client.get(f"{COMMENTS}?ticket=4711")

    assert hidden.status_code == unknown.status_code == 400
    assert hidden.json() == {"ticket": missing(world.printer)}
    assert unknown.json() == {"ticket": missing(4711)}


async def test_a_list_holds_the_comments_of_its_ticket_only(world, as_user, umas):
    root = as_user("root")

    ours = (await root.get(f"{COMMENTS}?ticket={world.printer}")).json()
    theirs = (await root.get(f"{COMMENTS}?ticket={world.other_ticket}")).json()

    assert [one["id"] for one in ours] == [umas]
    assert [one["id"] for one in theirs] == [world.other_comment]


async def test_an_unknown_parameter_is_ignored_and_named(world, as_user, umas):
    answer = await as_user("uma").get(f"{COMMENTS}?ticket={world.printer}&colour=red&page_size=5")

    assert len(answer.json()) == 1
    assert answer.headers["x-unknown-parameters"] == "colour"


async def test_a_head_request_says_how_many_there_are(world, as_user, umas):
    listed = await as_user("uma").head(f"{COMMENTS}?ticket={world.printer}")
    shown = await as_user("uma").head(at(umas))

    assert (listed.status_code, listed.headers["x-total-count"], listed.content) == (200, "1", b"")
    assert (shown.status_code, shown.content) == (200, b"")
    assert shown.headers["etag"] == (await as_user("uma").get(at(umas))).headers["etag"]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("person", OTHERS)
async def test_a_comment_on_a_hidden_ticket_is_not_there(world, as_user, umas, method, person):
    before = await everything_stored()

    answer = await as_user(person).request(method, at(umas), json={"content": "Mine now."})

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    assert await everything_stored() == before


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_ones_own_comment_goes_out_of_sight_with_the_ticket(world, as_user, method):
    ugos = await said_by(world, "ugo")
    await execute(
        Sql(
            "INSERT INTO ticket_follower (project, ticket, account) VALUES ({}, {}, {})",
            world.project,
            world.printer,
            world.people["ugo"],
        )
    )
    assert (await as_user("ugo").get(at(ugos))).status_code == 200

    await execute(Sql("DELETE FROM ticket_follower"))

    answer = await as_user("ugo").request(method, at(ugos), json={"content": "Hm?"})
    assert answer.status_code == 404
    assert await scalars(Sql("SELECT content FROM comment WHERE id = {}", ugos), str) == ["Hm."]


async def test_a_comment_is_not_replaced(world, as_user, umas):
    answer = await as_user("uma").put(at(umas), json={"content": "New."})

    assert answer.status_code == 405
    assert {"GET", "PATCH", "DELETE"} <= set(answer.headers["allow"].split(", "))


# Whose words (6.7, 6.8)


async def emails_seen_by(client, world):
    listed = (await client.get(f"{COMMENTS}?ticket={world.printer}")).json()
    shown = [(await client.get(at(one["id"]))).json() for one in listed]
    assert shown == listed
    return {one["user"]["username"]: one["user"]["email"] for one in listed}


async def test_a_user_knows_other_authors_by_name_only(world, as_user):
    for name in SEERS:
        await said_by(world, name)

    assert await emails_seen_by(as_user("uma"), world) == {
        **dict.fromkeys(SEERS),
        "uma": "uma@example.com",
    }


@pytest.mark.parametrize("person", ["alice", "adam", "mona"])
async def test_who_sees_the_whole_project_knows_its_members_in_full(world, as_user, person):
    for name in SEERS:
        await said_by(world, name)

    # root holds no role here: to them he is a name.
    known = {name: f"{name}@example.com" for name in SEERS}
    assert await emails_seen_by(as_user(person), world) == {**known, "root": None}


async def test_a_superuser_knows_everybody_in_full(world, as_user):
    for name in SEERS:
        await said_by(world, name)

    known = {name: f"{name}@example.com" for name in SEERS}
    assert await emails_seen_by(as_user("root"), world) == known


async def test_who_has_left_the_project_is_a_name_beside_their_words(world, as_user, umas):
    await execute(Sql("DELETE FROM user_role WHERE account = {}", world.people["uma"]))

    user = (await as_user("adam").get(at(umas))).json()["user"]

    assert (user["username"], user["email"]) == ("uma", None)


async def test_the_words_of_a_deleted_account_stay_without_a_name(world, as_user, umas):
    await execute(Sql("DELETE FROM account WHERE id = {}", world.people["uma"]))
    adam, alice = as_user("adam"), as_user("alice")

    listed = (await adam.get(f"{COMMENTS}?ticket={world.printer}")).json()

    assert [(one["user"], one["content"]) for one in listed] == [(None, "It jams again.")]
    assert (await adam.get(at(umas))).json()["user"] is None
    assert (await adam.delete(at(umas))).status_code == 403
    assert (await alice.patch(at(umas), json={"content": "Mine."})).status_code == 403
    assert (await alice.delete(at(umas))).status_code == 204


# Editing and deleting


@pytest.mark.parametrize("person", SEERS)
async def test_everybody_edits_their_own(world, as_user, person):
    theirs = await said_by(world, person)
    before = (await as_user(person).get(at(theirs))).json()

    answer = await as_user(person).patch(at(theirs), json={"content": "Aha."})

    edited = answer.json()
    assert answer.status_code == 200
    assert {**edited, "updated_at": before["updated_at"]} == {
        **before,
        "content": "Aha.",
        "version": 2,
    }
    assert edited["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(
    ("person", "role", "author"),
    [
        ("alice", "superadmin", "uma"),
        ("adam", "admin", "uma"),
        ("uma", "user", "alice"),
        ("mona", "manager", "uma"),
        ("root", None, "uma"),
    ],
)
async def test_nobody_edits_what_somebody_else_has_said(world, as_user, person, role, author):
    comment = await said_by(world, author)
    before = await everything_stored()

    answer = await as_user(person).patch(at(comment), json={"content": "I was wrong."})

    assert answer.status_code == 403
    assert answer.json() == refusal("edit_others_comments", role, [])
    assert await everything_stored() == before


@pytest.mark.parametrize("person", SEERS)
async def test_everybody_deletes_their_own(world, as_user, person):
    theirs, client = await said_by(world, person), as_user(person)

    answer = await client.delete(at(theirs))

    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get(at(theirs))).status_code == 404
    assert (await client.delete(at(theirs))).status_code == 404
    ticket = (await client.get(f"/tickets/tickets/{world.printer}/")).json()
    assert ticket["comments_count"] == 0


@pytest.mark.parametrize("person", ["alice", "root"])
async def test_a_superadmin_deletes_what_anybody_has_said(world, as_user, umas, person):
    assert (await as_user(person).delete(at(umas))).status_code == 204
    assert (await as_user("uma").get(at(umas))).status_code == 404


@pytest.mark.parametrize(
    ("person", "role"), [("adam", "admin"), ("uma", "user"), ("mona", "manager")]
)
async def test_others_do_not(world, as_user, person, role):
    comment = await said_by(world, "alice")
    before = await everything_stored()

    answer = await as_user(person).delete(at(comment))

    assert answer.status_code == 403
    assert answer.json() == refusal("delete_others_comments", role, ["superadmin"])
    assert await everything_stored() == before


async def test_a_superadmin_elsewhere_is_none_here(world, as_user, umas):
    await add_role(world.project, world.people["stella"], "manager")

    assert (await as_user("stella").get(at(umas))).status_code == 200
    assert (await as_user("stella").delete(at(umas))).status_code == 403


async def test_nobody_is_told_that_editing_others_words_is_theirs(world, as_user):
    for person in ("alice", "root"):
        answer = await as_user(person).get(f"/tickets/projects/{world.project}/permissions/")
        actions = set(answer.json()["actions"])

        assert "edit_others_comments" not in actions
        assert {"edit_own_comment", "delete_own_comment", "delete_others_comments"} <= actions


# ETags (1.10)


async def test_an_unchanged_comment_is_not_sent_again(world, as_user, umas):
    shown = await as_user("uma").get(at(umas))

    again = await as_user("uma").get(at(umas), headers={"If-None-Match": shown.headers["etag"]})
    await as_user("uma").patch(at(umas), json={"content": "Aha."})
    changed = await as_user("uma").get(at(umas), headers={"If-None-Match": shown.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_comment_that_was_edited_meanwhile_is_left_alone(world, as_user, umas, method):
    uma = as_user("uma")
    seen = {"If-Match": (await uma.get(at(umas))).headers["etag"]}
    assert (await uma.patch(at(umas), json={"content": "Two."}, headers=seen)).status_code == 200
    before = await everything_stored()

    stale = await uma.request(method, at(umas), json={"content": "Three."}, headers=seen)

    present = (await uma.get(at(umas))).headers["etag"]
    assert (stale.status_code, stale.headers["etag"]) == (412, present)
    assert await everything_stored() == before

    fresh = {"If-Match": present}
    done = await uma.request(method, at(umas), json={"content": "Three."}, headers=fresh)
    assert done.is_success


@pytest.mark.parametrize(
    "body", [{}, {"content": "It jams again."}, {"content": " It jams again. "}]
)
async def test_the_same_words_again_are_no_edit(world, as_user, umas, body):
    before = await everything_stored()

    answer = await as_user("uma").patch(at(umas), json=body)

    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert await everything_stored() == before


# What is left on the ticket (4.11, decision 7)


async def test_each_comment_edit_and_deletion_is_an_event_that_repeats_no_words(world, as_user):
    uma, alice = as_user("uma"), as_user("alice")
    new = {"ticket": world.printer, "content": "The password is hunter2."}
    comment = (await uma.post(COMMENTS, json=new)).json()["id"]
    await uma.patch(at(comment), json={"content": "The password is in the safe."})
    await alice.delete(at(comment))

    answer = await uma.get(f"/tickets/tickets/{world.printer}/history/")

    told = [
        (item["user"]["username"], item["action"], item["old_value"], item["new_value"])
        for item in answer.json()
    ]
    assert told == [
        ("uma", "commented", None, comment),
        ("uma", "comment_edited", None, comment),
        ("alice", "comment_deleted", comment, None),
    ]
    assert {item["field"] for item in answer.json()} == {None}
    assert not [
        table
        for table, stored in (await everything_stored()).items()
        if "hunter2" in stored or "in the safe" in stored
    ]


async def test_the_ticket_counts_its_comments_and_is_otherwise_left_alone(world, as_user):
    uma, path = as_user("uma"), f"/tickets/tickets/{world.printer}/"
    before = await uma.get(path)

    for count in (1, 2):
        await as_user("adam").post(COMMENTS, json={"ticket": world.printer, "content": "Hm."})
        after = await uma.get(path)
        assert after.json() == {**before.json(), "comments_count": count}
        listed = (await uma.get("/tickets/tickets/")).json()["results"]
        assert [ticket["comments_count"] for ticket in listed] == [count]

    assert after.headers["etag"] != before.headers["etag"]
    seen = {"If-Match": before.headers["etag"]}
    assert (await uma.patch(path, json={"name": "Plotter"}, headers=seen)).status_code == 200


async def test_comments_go_with_their_ticket(world, as_user, umas):
    assert (await as_user("uma").delete(f"/tickets/tickets/{world.printer}/")).status_code == 204

    assert (await as_user("uma").get(at(umas))).status_code == 404
    assert await scalars(Sql("SELECT id FROM comment"), int) == [world.other_comment]


# Statements


async def test_reading_takes_one_statement_once_who_asks_is_known(world, as_user, umas, statements):
    uma = as_user("uma")
    await uma.get(at(umas))
    for path in (
        at(umas),
        f"{COMMENTS}?ticket={world.printer}",
        f"{COMMENTS}?ticket={world.printer}&page=1&page_size=1",
        f"{COMMENTS}?ticket={world.other_ticket}",
    ):
        async with statements() as sent:
            await uma.get(path)
        assert len(sent) == 1, (path, sent)


async def test_writing_takes_at_most_six_statements(world, as_user, statements):
    uma, new = as_user("uma"), {"ticket": world.printer, "content": "Hm."}

    async with statements() as creating:
        comment = (await uma.post(COMMENTS, json=new)).json()["id"]
    async with statements() as editing:
        await uma.patch(at(comment), json={"content": "Aha."})
    async with statements() as deleting:
        await uma.delete(at(comment))

    assert (len(creating), len(editing), len(deleting)) == (6, 6, 5)


async def test_a_long_thread_takes_no_more(world, as_user, statements):
    await execute(
        Sql(
            "INSERT INTO comment (project, ticket, author, content)"
            " SELECT {}, {}, {}, 'No. ' || n FROM generate_series(1, 2000) n",
            world.project,
            world.printer,
            world.people["uma"],
        )
    )

    async with statements() as sent:
        answer = await as_user("uma").get(f"{COMMENTS}?ticket={world.printer}")

    assert len(answer.json()) == 2000
    assert len(sent) == 2, sent
