"""Tags over HTTP: reading, finding, writing, and what becomes of tickets when one goes."""

import asyncio

import pytest

from tests.world import add_company, add_contact, add_role, add_tag, add_ticket, everything_stored
from ticketing_server.core.db import Sql, execute, scalars

TAGS = "/tickets/tags/"
EXAMPLE = {
    "name": "Nokia",
    "description": "Nokia telecommunications tickets",
    "color": "#0052cc",
}
DOCUMENTED = {
    "id",
    "name",
    "description",
    "color",
    "project",
    "project_name",
    "tickets_count",
    "contacts_count",
    "created_at",
    "updated_at",
}


@pytest.fixture
async def nikora(world):
    """A tag of DESK, on uma's Printer, with one contact."""
    tag = await add_tag(world.project, "Nikora", world.printer)
    await add_contact(world.project, "Giorgi Beridze", "g.beridze@example.com", tag)
    return tag


async def names(client, query=""):
    found = (await client.get(f"{TAGS}?{query}")).json()
    assert found["count"] == len(found["results"])
    return [tag["name"] for tag in found["results"]]


async def test_the_references_example_of_a_new_tag(world, as_user):
    answer = await as_user("alice").post(TAGS, json={**EXAMPLE, "project": world.project})

    tag = answer.json()
    assert answer.status_code == 201
    assert tag.keys() == DOCUMENTED | {"version"}
    assert tag.items() >= {**EXAMPLE, "project": world.project, "project_name": "Desk"}.items()
    assert (tag["tickets_count"], tag["contacts_count"]) == (0, 0)
    assert tag["created_at"].endswith("Z")
    assert (await as_user("alice").get(f"{TAGS}{tag['id']}/")).json() == tag


async def test_without_a_project_a_tag_goes_where_one_may_create_it(world, as_user):
    alone = await as_user("alice").post(TAGS, json=EXAMPLE)
    assert (alone.status_code, alone.json()["project"]) == (201, world.project)

    await add_role(world.other_project, world.people["alice"], "superadmin")
    several = await as_user("alice").post(TAGS, json={"name": "Nikora"})
    assert (several.status_code, [*several.json()]) == (400, ["project"])


async def test_only_the_project_where_one_is_superadmin_counts(world, as_user):
    await add_role(world.other_project, world.people["alice"], "admin")

    assert (await as_user("alice").post(TAGS, json=EXAMPLE)).json()["project"] == world.project
    elsewhere = await as_user("alice").post(TAGS, json={**EXAMPLE, "project": world.other_project})
    assert (elsewhere.status_code, elsewhere.json()["role"]) == (403, "admin")


async def test_a_superuser_names_the_project_when_there_are_several(world, as_user):
    assert [*(await as_user("root").post(TAGS, json=EXAMPLE)).json()] == ["project"]

    body = {**EXAMPLE, "project": world.other_project}
    assert (await as_user("root").post(TAGS, json=body)).status_code == 201


async def test_every_wrong_field_of_a_new_tag_is_told_at_once(world, as_user):
    before = await everything_stored()

    wrong = {"name": "", "color": "blue", "description": 7, "project": world.other_project}
    answer = await as_user("alice").post(TAGS, json=wrong)

    assert answer.status_code == 400
    assert answer.json() == {
        "name": ["This field may not be blank."],
        "color": ["Enter a color such as #0052cc."],
        "description": ["Not a valid string."],
        "project": [f'Invalid pk "{world.other_project}" - object does not exist.'],
    }
    assert await everything_stored() == before


async def test_what_the_server_owns_is_not_set_from_a_body(world, as_user):
    body = {**EXAMPLE, "id": 7_000, "tickets_count": 9, "version": 5, "created_at": "2001-01-01"}

    tag = (await as_user("alice").post(TAGS, json=body)).json()

    assert tag["id"] != 7_000
    assert (tag["tickets_count"], tag["version"]) == (0, 1)
    assert not tag["created_at"].startswith("2001")


@pytest.mark.parametrize("name", ["nikora", " NIKORA ", "Nikora"])
async def test_names_are_unique_in_a_project_in_any_case(world, as_user, nikora, name):
    alice = as_user("alice")
    other = (await alice.post(TAGS, json={"name": "Nokia"})).json()["id"]
    taken = {"name": ["This project already has a tag of that name."]}

    created = await alice.post(TAGS, json={"name": name})
    renamed = await alice.patch(f"{TAGS}{other}/", json={"name": name})

    assert (created.status_code, created.json()) == (400, taken)
    assert (renamed.status_code, renamed.json()) == (400, taken)
    assert (await as_user("stella").post(TAGS, json={"name": name})).status_code == 201


async def test_a_georgian_name_is_unique_in_any_case(world, as_user):
    assert (await as_user("alice").post(TAGS, json={"name": "ნიკორა"})).status_code == 201
    assert (await as_user("alice").post(TAGS, json={"name": "ᲜᲘᲙᲝᲠᲐ"})).status_code == 400


async def test_two_who_create_one_name_at_once_get_one_tag(world, as_user):
    posts = [as_user("alice").post(TAGS, json={"name": name}) for name in ("VIP", "vip") * 3]

    answers = await asyncio.gather(*posts)

    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 5
    assert await names(as_user("alice"), "search=vip") in (["VIP"], ["vip"])


@pytest.mark.parametrize("person", ["alice", "adam", "uma", "mona", "root"])
async def test_every_member_reads_the_tags_of_their_projects(world, as_user, nikora, person):
    assert "Nikora" in await names(as_user(person))
    assert (await as_user(person).get(f"{TAGS}{nikora}/")).json()["name"] == "Nikora"


@pytest.mark.parametrize(("person", "seen"), [("stella", ["Hush"]), ("stan", [])])
async def test_who_is_not_in_the_project_sees_no_tags_of_it(world, as_user, nikora, person, seen):
    assert await names(as_user(person)) == seen
    assert await names(as_user(person), f"project={world.project}") == []
    assert (await as_user(person).get(f"{TAGS}{nikora}/")).status_code == 404


@pytest.mark.parametrize(
    ("person", "tickets", "contacts"),
    [("alice", 3, 1), ("adam", 3, 1), ("mona", 3, 1), ("root", 3, 1), ("uma", 2, 0), ("ugo", 1, 0)],
)
async def test_counts_are_of_what_the_caller_sees(world, as_user, person, tickets, contacts):
    new, people = world.columns["New"], world.people
    acme = await add_ticket(world.project, new, people["ugo"], "A", world.companies["Acme"])
    hidden = await add_ticket(world.project, new, people["adam"], "B")
    tag = await add_tag(world.project, "Nikora", world.printer, acme, hidden)
    await add_contact(world.project, "Giorgi", "", tag)

    shown = (await as_user(person).get(f"{TAGS}{tag}/")).json()
    listed = (await as_user(person).get(f"{TAGS}?search=nikora")).json()["results"][0]

    assert listed == shown
    assert (shown["tickets_count"], shown["contacts_count"]) == (tickets, contacts)


async def test_a_user_here_is_not_counted_for_as_the_superadmin_they_are_there(world, as_user):
    await add_role(world.other_project, world.people["alice"], "user")
    hush = world.other_tag
    await execute(
        Sql(
            "INSERT INTO ticket_tag (project, ticket, tag) VALUES ({}, {}, {})",
            world.other_project,
            world.other_ticket,
            hush,
        )
    )
    await add_contact(world.other_project, "Otar", "", hush)

    hers = (await as_user("stella").get(f"{TAGS}{hush}/")).json()
    alices = (await as_user("alice").get(f"{TAGS}{hush}/")).json()

    assert (hers["tickets_count"], hers["contacts_count"]) == (1, 1)
    assert (alices["tickets_count"], alices["contacts_count"]) == (0, 0)


async def test_a_list_is_ordered_by_name_then_id_and_paged(world, as_user):
    for name in ("Carrefour", "Aversi", "Borjomi"):
        await add_tag(world.project, name)
    await add_tag(world.other_project, "Borjomi")
    root = as_user("root")

    first = (await root.get(f"{TAGS}?page_size=2&search=o")).json()
    second = (await root.get(first["next"])).json()

    assert first["previous"] is None
    address, _, query = first["next"].partition("?")
    assert address == "http://localhost/api/tickets/tags/"
    assert sorted(query.split("&")) == ["page=2", "page_size=2", "search=o"]
    assert [tag["name"] for tag in first["results"]] == ["Borjomi", "Borjomi"]
    assert [tag["project"] for tag in first["results"]] == [world.project, world.other_project]
    assert [tag["name"] for tag in second["results"]] == ["Carrefour"]
    assert (first["count"], second["count"], second["next"]) == (3, 3, None)
    past = await root.get(f"{TAGS}?page=3&page_size=2&search=o")
    assert (past.status_code, past.json()) == (404, {"detail": "Invalid page."})


async def test_ordering_is_not_offered_and_said_to_be_unknown(world, as_user, nikora):
    answer = await as_user("alice").get(f"{TAGS}?ordering=-name&search=nik&project={world.project}")

    assert answer.headers["x-unknown-parameters"] == "ordering"
    assert answer.json()["count"] == 1


SEARCHES = [
    ("nik", ["Nikora"]),
    ("KORA", ["Nikora"]),
    ("supermarket", ["Nikora"]),
    ("chain nikora", ["Nikora"]),
    ("nikora absent", []),
    ("ნიკორა", ["ᲜᲘᲙᲝᲠᲐ"]),
    ("ÉCLAIR", ["éclair"]),
    ("СЕТЬ", ["Сеть"]),
    ("%", ["50% off"]),
    ("0_", []),
    ("a_b", ["a_b"]),
    ("\\", ["back\\slash"]),
    ("'", ["O'Hara"]),
    ("{}", []),
    ("   ", None),
]


@pytest.mark.parametrize(("search", "found"), SEARCHES)
async def test_search_finds_words_in_name_and_description_in_any_script(
    world, as_user, search, found
):
    everything = ["ᲜᲘᲙᲝᲠᲐ", "éclair", "Сеть", "50% off", "a_b", "axb", "back\\slash", "O'Hara"]
    for name in everything:
        await add_tag(world.project, name)
    tag = await add_tag(world.project, "Nikora")
    await execute(Sql("UPDATE tag SET description = 'Supermarket chain' WHERE id = {}", tag))

    answer = await as_user("alice").get(TAGS, params={"search": search})

    seen = {tag["name"] for tag in answer.json()["results"]}
    assert seen == ({*everything, "Nikora"} if found is None else {*found})


@pytest.mark.parametrize("search", ["a\0b", "a\x07", "x" * 501])
async def test_a_search_that_cannot_be_is_refused(world, as_user, search):
    answer = await as_user("alice").get(TAGS, params={"search": search})

    assert (answer.status_code, [*answer.json()]) == (400, ["search"])


async def test_a_filter_by_project_takes_several_and_finds_nothing_elsewhere(world, as_user):
    await add_tag(world.project, "Nikora")
    here, there = f"project={world.project}", f"project={world.other_project}"

    assert await names(as_user("alice"), here) == ["Nikora"]
    assert await names(as_user("alice"), there) == []
    assert await names(as_user("root"), there) == ["Hush"]
    assert await names(as_user("root"), f"{here}&{there}") == ["Hush", "Nikora"]


@pytest.mark.parametrize("project", ["0", "-1", "abc", "1.5", str(2**80)])
async def test_a_project_that_cannot_be_is_refused(world, as_user, project):
    answer = await as_user("alice").get(f"{TAGS}?project={project}")

    assert (answer.status_code, [*answer.json()]) == (400, ["project"])


async def test_a_tag_is_edited_and_stays_in_its_project(world, as_user, nikora):
    await add_role(world.other_project, world.people["alice"], "superadmin")
    body = {"name": "Nikora LLC", "color": "#FFFFFF", "project": world.other_project}

    answer = await as_user("alice").patch(f"{TAGS}{nikora}/", json=body)

    assert answer.status_code == 200
    assert (
        answer.json().items()
        >= {
            "name": "Nikora LLC",
            "color": "#FFFFFF",
            "project": world.project,
            "version": 2,
            "tickets_count": 1,
        }.items()
    )
    printer = (await as_user("uma").get(f"/tickets/tickets/{world.printer}/")).json()
    assert printer["tag_names"] == ["Nikora LLC"]


@pytest.mark.parametrize("body", [{"name": None}, {"name": " "}, {"color": "#12"}])
async def test_a_wrong_edit_changes_nothing(world, as_user, nikora, body):
    before = await everything_stored()

    answer = await as_user("alice").patch(f"{TAGS}{nikora}/", json=body)

    assert (answer.status_code, [*answer.json()]) == (400, [*body])
    assert await everything_stored() == before


async def test_an_empty_edit_is_no_change(world, as_user, nikora):
    answer = await as_user("alice").patch(f"{TAGS}{nikora}/", json={})

    assert (answer.status_code, answer.json()["version"]) == (200, 1)


async def test_a_tag_has_an_etag_that_guards_edits_and_deletion(world, as_user, nikora):
    alice, tag = as_user("alice"), f"{TAGS}{nikora}/"
    read = (await alice.get(tag)).headers["etag"]
    assert (await alice.get(tag, headers={"If-None-Match": read})).status_code == 304

    edited = await alice.patch(tag, json={"name": "Nik"}, headers={"If-Match": read})
    assert edited.status_code == 200
    late = await alice.patch(tag, json={"name": "Late"}, headers={"If-Match": read})
    gone = await alice.delete(tag, headers={"If-Match": read})

    assert late.status_code == gone.status_code == 412
    assert late.headers["etag"] == edited.headers["etag"]
    assert (await alice.get(tag)).json()["name"] == "Nik"
    assert (await alice.delete(tag, headers={"If-Match": edited.headers["etag"]})).is_success


async def test_put_is_not_offered(world, as_user, nikora):
    answer = await as_user("alice").put(f"{TAGS}{nikora}/", json=EXAMPLE)

    assert answer.status_code == 405
    assert {*answer.headers["allow"].split(", ")} >= {"GET", "PATCH", "DELETE"}


async def history(client, ticket):
    items = (await client.get(f"/tickets/tickets/{ticket}/history/")).json()
    return [(one["field"], one["old_value"], one["new_value"], one["user"]["id"]) for one in items]


async def test_a_deleted_tag_leaves_its_tickets_and_their_history_says_so(world, as_user, nikora):
    alice, printer = as_user("alice"), f"/tickets/tickets/{world.printer}/"
    scanner = await add_ticket(world.project, world.columns["New"], world.people["uma"], "Scanner")
    await alice.patch(printer, json={"tag_names": ["vip", "Nikora", "Zoo", "alpha"]})
    untouched = (await alice.get(f"/tickets/tickets/{scanner}/")).json()
    version = (await alice.get(printer)).json()["version"]

    assert (await alice.delete(f"{TAGS}{nikora}/")).status_code == 204

    assert (await alice.get(f"{TAGS}{nikora}/")).status_code == 404
    ticket = (await alice.get(printer)).json()
    assert (ticket["tag_names"], ticket["version"]) == (["vip", "Zoo", "alpha"], version + 1)
    tagged, untagged = await history(alice, world.printer)
    assert tagged[2] == untagged[1] == ["Nikora", "Zoo", "alpha", "vip"]
    assert untagged == (
        "tag_names",
        ["Nikora", "Zoo", "alpha", "vip"],
        ["Zoo", "alpha", "vip"],
        world.people["alice"],
    )
    assert (await alice.get(f"/tickets/tickets/{scanner}/")).json() == untouched
    assert await scalars(Sql("SELECT name FROM contact WHERE name LIKE 'Giorgi%'"), str) != []


async def test_a_tickets_last_tag_leaves_an_empty_set_in_its_history(world, as_user, nikora):
    await as_user("alice").delete(f"{TAGS}{nikora}/")

    assert await history(as_user("uma"), world.printer) == [
        ("tag_names", ["Nikora"], [], world.people["alice"])
    ]


async def test_tagging_while_the_tag_is_deleted_loses_no_history(world, as_user, nikora):
    alice, new = as_user("alice"), world.columns["New"]
    mine = [await add_ticket(world.project, new, world.people["alice"], str(n)) for n in range(8)]
    tag = {"tag_ids": [nikora]}

    *tagged, deleted = await asyncio.gather(
        *[alice.patch(f"/tickets/tickets/{ticket}/", json=tag) for ticket in mine],
        alice.delete(f"{TAGS}{nikora}/"),
    )

    assert deleted.status_code == 204
    assert {answer.status_code for answer in tagged} <= {200, 400}
    for answer, ticket in zip(tagged, mine, strict=True):
        changes = [(old, new) for _, old, new, _ in await history(alice, ticket)]
        both = [([], ["Nikora"]), (["Nikora"], [])]
        assert changes == (both if answer.status_code == 200 else [])
        assert (await alice.get(f"/tickets/tickets/{ticket}/")).json()["tag_names"] == []


async def test_deleting_one_tag_twice_at_once_deletes_it_once(world, as_user, nikora):
    answers = await asyncio.gather(*[as_user("alice").delete(f"{TAGS}{nikora}/") for _ in range(4)])

    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404]
    assert len(await history(as_user("uma"), world.printer)) == 1


async def test_the_same_key_creates_one_tag(world, as_user):
    again = {"headers": {"Idempotency-Key": "k-1"}, "json": {"name": "Nokia"}}

    first, second = [await as_user("alice").post(TAGS, **again) for _ in range(2)]

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


@pytest.mark.parametrize("size", [1, 25])
async def test_a_list_takes_three_statements_however_many_there_are(
    world, as_user, statements, size
):
    for number in range(30):
        await add_tag(world.project, f"Tag {number}", world.printer)

    async with statements() as sent:
        answer = await as_user("uma").get(f"{TAGS}?page_size={size}")

    assert (len(answer.json()["results"]), answer.json()["count"]) == (size, 30)
    assert len(sent) <= 3, sent


async def test_one_tag_takes_two_statements(world, as_user, nikora, statements):
    async with statements() as sent:
        await as_user("uma").get(f"{TAGS}{nikora}/")

    assert len(sent) == 2, sent


@pytest.mark.parametrize("others", [0, 20])
async def test_deleting_takes_nine_statements_however_many_tickets_there_are(
    world, as_user, nikora, statements, others
):
    await execute(
        Sql(
            'WITH made AS (INSERT INTO ticket (project, name, "column")'
            " SELECT {}, n::text, {} FROM generate_series(1, {}) AS n RETURNING project, id)"
            " INSERT INTO ticket_tag (project, ticket, tag) SELECT project, id, {} FROM made",
            world.project,
            world.columns["New"],
            others,
            nikora,
        )
    )

    async with statements() as sent:
        await as_user("alice").delete(f"{TAGS}{nikora}/")

    assert len(sent) <= 9, sent
    events = await scalars(Sql("SELECT ticket FROM event WHERE field = 'tag_names'"), int)
    assert len(events) == others + 1


async def test_tickets_of_a_company_shared_by_projects_are_counted_in_their_own(world, as_user):
    shared = await add_company("Shared", world.project, world.people["uma"])
    new, adam = world.columns["New"], world.people["adam"]
    ticket = await add_ticket(world.project, new, adam, "Theirs", shared)
    tag = await add_tag(world.project, "Nikora", ticket)

    assert (await as_user("uma").get(f"{TAGS}{tag}/")).json()["tickets_count"] == 1
    assert (await as_user("ugo").get(f"{TAGS}{tag}/")).json()["tickets_count"] == 0
