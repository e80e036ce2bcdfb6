"""What a person finds when they look around: every list, and every page that there ever was.

Dashboards belong into `LISTS` (GET /tickets/dashboard/newest/?project=… covers visible tickets).
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx

from tests.tenancy import sight, views
from tests.tenancy.model import Model, Person
from tests.tenancy.server import NOTHING, Server, bare

WHOLE = "page_size=100"
NO_FILE = "/media/attachments/2026/01/01/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/note.txt"


Room = Callable[[Model, int], Iterator["Sight"]]


class Sight(NamedTuple):
    """One request, and what the viewer is to find in it."""

    path: str
    expected: Any
    read: Callable[[Any, Any], Any]


async def look_around(server: Server, model: Model, viewer: Person, rooms: list[Room]) -> None:
    """Lists, with their counts, searches and filters."""
    await _compare(server, viewer, [one for room in rooms for one in room(model, viewer.id)])


async def look_closely(server: Server, model: Model, viewer: Person, noun: str) -> None:
    """Every thing of a kind that ever was: what is seen is seen whole, the rest is nothing."""
    seen = [id for id in model.ever.get(noun, []) if sight.SEES[noun](model, viewer.id, id)]
    sights = [one for id in seen for one in PAGES[noun](model, viewer.id, id)]
    await _compare(server, viewer, sights)
    unseen = [id for id in model.ever.get(noun, []) if id not in seen]
    await _compare_with_nothing(server, viewer, noun, unseen)


async def open_files(server: Server, model: Model, viewer: Person) -> None:
    """The bytes of each attachment, by bearer token (rulings 5.5)."""
    paths = {id: one.path for id, one in model.attachments.items()}
    seen = [id for id in paths if sight.sees_attachment(model, viewer.id, id)]
    for id, path in paths.items():
        answer = await server.ask(viewer, "GET", f"http://localhost{path}")
        if id in seen:
            assert (answer.status_code, answer.content) == (200, b"Between us."), path
            continue
        nothing = await server.ask(viewer, "GET", "http://localhost" + NO_FILE)
        assert bare(answer) == bare(nothing), f"{viewer.name} GET {path}"


async def _compare(server: Server, viewer: Person, sights: list[Sight]) -> None:
    answers = await asyncio.gather(*[server.ask(viewer, "GET", one.path) for one in sights])
    for one, answer in zip(sights, answers, strict=True):
        told = f"{viewer.name} GET {one.path} {answer.status_code}"
        assert answer.status_code == 200, (told, answer.text)
        found = one.read(answer.json(), one.expected)
        assert found == one.expected, f"{told}: {found}, not {one.expected}"


async def _compare_with_nothing(
    server: Server, viewer: Person, noun: str, unseen: list[int]
) -> None:
    """To the byte: neither body nor headers tell a thing that is hidden from one that is not."""
    for door in DOORS[noun] if unseen else []:
        answers = await asyncio.gather(
            *[server.ask(viewer, "GET", door.format(id)) for id in [NOTHING, *unseen]]
        )
        nothing, *hidden = [
            _without_id(one, id) for one, id in zip(answers, [NOTHING, *unseen], strict=True)
        ]
        for id, answer in zip(unseen, hidden, strict=True):
            assert answer == nothing, f"{viewer.name} GET {door.format(id)}"
        assert nothing[0] in (400, 404), door


def _without_id(answer: httpx.Response, id: int) -> tuple[int, bytes, dict[str, str]]:
    """A 400 repeats the id that was sent."""
    status, body, headers = bare(answer)
    if status == 400:
        return status, body.replace(str(id).encode(), b"?"), headers | {"content-length": "?"}
    return status, body, headers


# Lists


def _tickets(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.tickets[id] for id in sight.seen(model, viewer, "tickets")]
    yield _page("/tickets/tickets/", {t.id: views.ticket_view(model, viewer, t) for t in seen})
    for narrowed, tickets in {
        "following=true": [t for t in seen if viewer in t.followers],
        **{f"search={t.name}": [t] * (t in seen) for t in list(model.tickets.values())[-1:]},
        **{f"tags={tag}": [t for t in seen if tag in t.tags] for tag in list(model.tags)[-1:]},
        **{f"company={id}": [t for t in seen if t.company == id] for id in model.companies},
        **{f"project={id}": [t for t in seen if t.project == id] for id in model.projects},
        f"assignee={viewer}": [t for t in seen if viewer in t.assignees],
        f"reporter={viewer}": [t for t in seen if viewer == t.reporter],
    }.items():
        yield _page(f"/tickets/tickets/?{narrowed}", {t.id: {} for t in tickets})


def _columns(model: Model, viewer: int) -> Iterator[Sight]:
    expected = views.columns_view(model, viewer)
    yield Sight(
        "/tickets/columns/",
        expected,
        lambda found, _: _like(
            expected, [one for one in found if one["id"] in expected or one["tickets_count"]]
        ),
    )


def _companies(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.companies[id] for id in sight.seen(model, viewer, "companies")]
    expected = {one.id: views.company_item_view(model, viewer, one) for one in seen}
    yield _page("/tickets/companies/", expected)
    for project in model.projects:
        is_seen = sight.sees_project(model, viewer, project)
        there = [one.id for one in seen if is_seen and project in one.projects]
        yield _page(f"/tickets/companies/?project={project}", {id: {} for id in there})


def _people(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.people[id] for id in sight.seen(model, viewer, "people")]
    expected = {one.id: views.person_view(model, viewer, one) for one in seen}
    yield _page("/tickets/users/", expected)
    # Nobody finds by what they may not see.
    found = [one.id for one in seen if views.email(model, viewer, one.id)]
    yield _page("/tickets/users/?search=example.com", {id: {} for id in found})


def _tags(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.tags[id] for id in sight.seen(model, viewer, "tags")]
    yield _page("/tickets/tags/", {one.id: views.tag_view(model, viewer, one) for one in seen})


def _contacts(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.contacts[id] for id in sight.seen(model, viewer, "contacts")]
    expected = {one.id: {"name": one.name, "project": one.project} for one in seen}
    yield _page("/tickets/contacts/", expected)


def _projects(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.projects[id] for id in sight.seen(model, viewer, "projects")]
    expected = {one.id: views.project_view(model, viewer, one) for one in seen}
    yield Sight("/tickets/projects/", expected, lambda found, _: _like(expected, found))


LISTS = [_tickets, _columns, _companies, _people, _tags, _contacts, _projects]


# Pages


def _ticket_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    ticket = model.tickets[id]
    yield _one(f"/tickets/tickets/{id}/", views.ticket_view(model, viewer, ticket))
    yield Sight(f"/tickets/tickets/{id}/history/", None, lambda *_: None)
    said = {one: views.comment_view(model, viewer, one) for one in model.of_ticket("comments", id)}
    yield Sight(
        f"/tickets/comments/?ticket={id}",
        said,
        lambda found, _: {one["id"]: _spoken(one) for one in found},
    )
    attached = model.of_ticket("attachments", id)
    yield Sight(
        f"/tickets/attachments/?ticket={id}", attached, lambda found, _: [a["id"] for a in found]
    )


def _company_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    company, door = model.companies[id], f"/tickets/companies/{id}/"
    yield _one(door, views.company_page_view(model, viewer, company))
    yield _one(f"{door}stats/", views.stats_view(model, viewer, company))
    tickets = sorted(views.tickets_of_company(model, viewer, id))
    yield Sight(f"{door}tickets/", tickets, lambda found, _: sorted(t["id"] for t in found))


def _person_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    view = views.person_view(model, viewer, model.people[id])
    yield _one(f"/tickets/users/{id}/", view)
    yield Sight(
        f"/tickets/users/{id}/roles/",
        view["project_roles"],
        lambda found, _: sorted((one["project_id"], one["role"]) for one in found["roles"]),
    )


def _tag_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    yield _one(f"/tickets/tags/{id}/", views.tag_view(model, viewer, model.tags[id]))
    contacts = views.contacts_of_tag(model, viewer, id)
    yield Sight(
        f"/tickets/tags/{id}/contacts/",
        sorted(contacts),
        lambda found, _: sorted(one["contact"]["id"] for one in found["results"]),
    )


def _contact_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    yield _one(f"/tickets/contacts/{id}/", {"name": model.contacts[id].name})


def _project_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    door = f"/tickets/projects/{id}/"
    yield _one(door, views.project_view(model, viewer, model.projects[id]))
    yield _one(f"{door}permissions/", {"role": model.role(viewer, id)})
    members = views.members_view(model, viewer, id)
    yield Sight(f"{door}members/", members, lambda found, _: _like(members, found))


def _comment_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    said = views.comment_view(model, viewer, id)
    yield Sight(f"/tickets/comments/{id}/", said, lambda found, _: _spoken(found))


def _attachment_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    yield _one(f"/tickets/attachments/{id}/", {"ticket": model.attachments[id].ticket})


PAGES = {
    "tickets": _ticket_pages,
    "companies": _company_pages,
    "people": _person_pages,
    "tags": _tag_pages,
    "contacts": _contact_pages,
    "projects": _project_pages,
    "comments": _comment_pages,
    "attachments": _attachment_pages,
}
# Every way to ask for one thing, hidden or not.
DOORS = {
    "tickets": [
        "/tickets/tickets/{}/",
        "/tickets/tickets/{}/history/",
        "/tickets/comments/?ticket={}",
        "/tickets/attachments/?ticket={}",
    ],
    "companies": [f"/tickets/companies/{{}}/{door}" for door in ("", "stats/", "tickets/")],
    "people": ["/tickets/users/{}/", "/tickets/users/{}/roles/"],
    "tags": ["/tickets/tags/{}/", "/tickets/tags/{}/contacts/"],
    "contacts": ["/tickets/contacts/{}/"],
    "projects": [f"/tickets/projects/{{}}/{door}" for door in ("", "members/", "permissions/")],
    "comments": ["/tickets/comments/{}/"],
    "attachments": ["/tickets/attachments/{}/"],
}


# How an answer is read: no further than the model tells


def _page(path: str, expected: dict[int, Any]) -> Sight:
    """A list, whole and counted."""
    path += f"{'&' if '?' in path else '?'}{WHOLE}"

    def read(found: Any, _: Any) -> Any:
        assert found["count"] == len(found["results"])
        return _like(expected, found["results"])

    return Sight(path, expected, read)


def _one(path: str, expected: Any) -> Sight:
    return Sight(path, expected, lambda found, _: _only(found, expected))


def _like(expected: dict[int, Any], found: list[Any]) -> dict[int, Any]:
    return {one["id"]: _only(one, expected.get(one["id"], {})) for one in found}


def _only(found: Any, fields: Any) -> Any:
    return {name: _plain(found[name]) for name in fields}


def _plain(value: Any) -> Any:
    """A list of things by their ids, in order; a role by its project."""
    if not isinstance(value, list):
        return value
    return sorted(_key(one) for one in value)


def _key(one: Any) -> Any:
    if not isinstance(one, dict):
        return one
    return (one["project_id"], one["role"]) if "role" in one else one["id"]


def _spoken(comment: Any) -> Any:
    author = comment["user"]
    return {"user": author and author["id"], "email": author and author["email"]}
