"""Somebody looks: what they find must be what the model says, and what is hidden be nothing."""

import asyncio

import httpx

from tests.tenancy import sight
from tests.tenancy.lists import Room
from tests.tenancy.model import Model, Person
from tests.tenancy.pages import DOORS, PAGES
from tests.tenancy.server import NOTHING, Server, bare
from tests.tenancy.sights import Sight

NO_FILE = "/media/attachments/2026/01/01/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/note.txt"


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
