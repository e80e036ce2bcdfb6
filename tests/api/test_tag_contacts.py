"""Contacts on tags over HTTP: put on, taken off, and hidden from users."""

import asyncio

import pytest

from tests.world import add_contact, add_role, add_tag, everything_stored

EXAMPLE_ROLE = "Primary Contact"


@pytest.fixture
async def giorgi(world):
    return await add_contact(world.project, "Giorgi Beridze", "g.beridze@example.com")


@pytest.fixture
async def nikora(world, giorgi):
    """The address of a tag of DESK without contacts."""
    return f"/tickets/tags/{await add_tag(world.project, 'Nikora')}/"


async def test_the_references_example_of_a_contact_on_a_tag(world, as_user, nikora, giorgi):
    body = {"contact_id": giorgi, "role": EXAMPLE_ROLE}

    answer = await as_user("alice").post(f"{nikora}add_contact/", json=body)

    link = answer.json()
    assert answer.status_code == 201
    assert link.keys() == {"id", "tag", "contact", "role", "added_at"}
    assert link["contact"] == {
        "id": giorgi,
        "name": "Giorgi Beridze",
        "email": "g.beridze@example.com",
    }
    assert (link["tag"], link["role"]) == (int(nikora.split("/")[3]), EXAMPLE_ROLE)
    assert link["added_at"].endswith("Z")
    assert (await as_user("alice").get(nikora)).json()["contacts_count"] == 1


async def test_the_second_time_answers_with_the_link_as_it_is(world, as_user, nikora, giorgi):
    alice, add = as_user("alice"), f"{nikora}add_contact/"
    first = await alice.post(add, json={"contact_id": giorgi, "role": EXAMPLE_ROLE})

    second = await alice.post(add, json={"contact_id": giorgi, "role": "Somebody"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert (await alice.get(nikora)).json()["contacts_count"] == 1


async def test_in_parallel_a_contact_is_put_on_once(world, as_user, nikora, giorgi):
    add, body = f"{nikora}add_contact/", {"contact_id": giorgi}
    posts = [as_user("alice").post(add, json=body) for _ in range(6)]

    answers = await asyncio.gather(*posts)

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_contact_that_goes_while_it_is_put_on_is_a_wrong_field(
    world, as_user, nikora, giorgi
):
    alice, body = as_user("alice"), {"contact_id": giorgi}

    *added, deleted = await asyncio.gather(
        *[alice.post(f"{nikora}add_contact/", json=body) for _ in range(4)],
        alice.delete(f"/tickets/contacts/{giorgi}/"),
    )

    assert deleted.status_code == 204
    assert {answer.status_code for answer in added} <= {200, 201, 400, 404}
    assert (await alice.get(nikora)).json()["contacts_count"] == 0


@pytest.mark.parametrize("person", ["adam", "uma", "mona"])
async def test_only_a_superadmin_puts_contacts_on_and_takes_them_off(
    world, as_user, nikora, giorgi, person
):
    body = {"contact_id": giorgi}
    await as_user("alice").post(f"{nikora}add_contact/", json=body)
    before = await everything_stored()

    answers = [
        await as_user(person).post(f"{nikora}{verb}_contact/", json=body)
        for verb in ("add", "remove")
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert {answer.json()["action"] for answer in answers} == {"edit_tag"}
    assert await everything_stored() == before


@pytest.mark.parametrize("person", ["alice", "root"])
async def test_who_may_write_takes_a_contact_off_again(world, as_user, nikora, giorgi, person):
    client, body = as_user(person), {"contact_id": giorgi}
    assert (await client.post(f"{nikora}add_contact/", json=body)).status_code == 201

    answer = await client.post(f"{nikora}remove_contact/", json=body)

    assert answer.status_code == 200
    assert answer.json() == {"message": "Giorgi Beridze removed from Nikora"}
    assert (await client.get(f"{nikora}contacts/")).json()["results"] == []
    assert (await client.get(f"/tickets/contacts/{giorgi}/")).status_code == 200
    again = await client.post(f"{nikora}remove_contact/", json=body)
    assert (again.status_code, [*again.json()]) == (400, ["contact_id"])


@pytest.mark.parametrize("verb", ["add", "remove"])
async def test_a_contact_of_another_project_is_a_wrong_field(world, as_user, nikora, verb):
    # Even where the caller could use it over there.
    await add_role(world.other_project, world.people["alice"], "superadmin")
    before = await everything_stored()

    answer = await as_user("alice").post(
        f"{nikora}{verb}_contact/", json={"contact_id": world.other_contact}
    )

    missing = f'Invalid pk "{world.other_contact}" - object does not exist.'
    assert (answer.status_code, answer.json()) == (400, {"contact_id": [missing]})
    assert await everything_stored() == before


@pytest.mark.parametrize("id", [0, -1, 2**80, "abc", None, [1], 999_999])
@pytest.mark.parametrize("verb", ["add", "remove"])
async def test_an_id_that_names_nothing_is_a_wrong_field(world, as_user, nikora, verb, id):
    answer = await as_user("alice").post(f"{nikora}{verb}_contact/", json={"contact_id": id})

    assert (answer.status_code, [*answer.json()]) == (400, ["contact_id"])


async def test_every_wrong_field_of_an_addition_is_told(world, as_user, nikora):
    answer = await as_user("alice").post(f"{nikora}add_contact/", json={"role": "x" * 256})

    assert (answer.status_code, {*answer.json()}) == (400, {"contact_id", "role"})


async def test_contacts_of_a_tag_come_by_name_and_in_pages(world, as_user, nikora):
    tag = int(nikora.split("/")[3])
    for name in ("Nino", "Ana", "Levan"):
        await add_contact(world.project, name, "", tag)
    mona = as_user("mona")

    first = (await mona.get(f"{nikora}contacts/?page_size=2")).json()
    second = (await mona.get(first["next"])).json()

    assert [link["contact"]["name"] for link in first["results"]] == ["Ana", "Levan"]
    assert [link["contact"]["name"] for link in second["results"]] == ["Nino"]
    assert (first["count"], second["count"]) == (3, 3)
    assert (await mona.get(f"{nikora}contacts/?page=3&page_size=2")).status_code == 404


@pytest.mark.parametrize(
    ("person", "seen"), [("alice", 1), ("adam", 1), ("mona", 1), ("root", 1), ("uma", 0)]
)
async def test_to_a_user_a_tag_has_no_contacts(world, as_user, nikora, giorgi, person, seen):
    await as_user("alice").post(f"{nikora}add_contact/", json={"contact_id": giorgi})

    answer = await as_user(person).get(f"{nikora}contacts/")

    assert (answer.status_code, answer.json()["count"]) == (200, seen)
    assert len(answer.json()["results"]) == seen
    assert (await as_user(person).get(nikora)).json()["contacts_count"] == seen


async def test_the_contacts_of_a_tag_take_three_statements(world, as_user, nikora, statements):
    tag = int(nikora.split("/")[3])
    for number in range(10):
        await add_contact(world.project, f"Contact {number}", "", tag)

    async with statements() as sent:
        answer = await as_user("mona").get(f"{nikora}contacts/?page_size=5")

    assert answer.json()["count"] == 10
    assert len(sent) == 3, sent
