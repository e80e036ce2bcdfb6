"""A plugin's own routes, and what it does when the server starts and stops."""

import contextlib

import pytest

from tests.conftest import make_settings
from tests.plugins.conftest import loaded
from ticketing_server.app import create_litestar

ROUTES = """
from litestar import get, put
from litestar.di import NamedDependency
from litestar.plugins import InitPlugin
from litestar.params import JSONBody
from ticketing_server.plugins import (
    Action, Actor, In, Out, Place, Plugin, project_in_path, requires, signed_in
)

class Note(In):
    text: str

class Told(Out):
    told: str

@get("/whoami/", guards=[signed_in])
async def whoami(actor: NamedDependency[Actor]) -> Told:
    return Told(told=str(actor.id))

@put("/{id:str}/", guards=[requires(Action.EDIT_PROJECT, on=project_in_path)])
async def note(resource: NamedDependency[Place], data: JSONBody[Note]) -> Told:
    return Told(told=f"{resource.project}: {data.text}")

class Routes(InitPlugin):
    def on_app_init(self, app_config):
        app_config.route_handlers.extend([whoami, note])
        return app_config
"""
NOTES = ROUTES + "plugin = Plugin(name='notes', api=1, init_plugins=[Routes()])\n"


async def test_the_routes_of_a_plugin_lie_below_its_name_and_behind_the_same_doors(
    world, site, served, client
):
    site.install(NOTES, name="notes")
    uma = served("uma")

    told = await uma.get("/plugins/notes/whoami/")
    bare = await uma.get("/plugins/notes/whoami")
    uma.headers.pop("authorization")
    nobody = await uma.get("/plugins/notes/whoami/")

    assert told.json() == bare.json() == {"told": str(world.people["uma"])}
    assert nobody.status_code == 401


async def test_a_plugins_guards_and_bodies_speak_as_ours_do(world, site, served):
    site.install(NOTES, name="notes")
    alice, uma = served("alice"), served("uma")
    ours, theirs = f"/plugins/notes/{world.project}/", f"/plugins/notes/{world.other_project}/"

    done = await alice.put(ours, json={"text": "hello"})
    refused = await uma.put(ours, json={"text": "hello"})
    invisible = await alice.put(theirs, json={"text": "hello"})
    wrong = await alice.put(ours, json={"text": 5})
    empty = await alice.put(ours, json={})

    assert done.json() == {"told": f"{world.project}: hello"}
    assert (refused.status_code, refused.json()["action"]) == (403, "edit_project")
    assert invisible.status_code == 404
    assert (wrong.status_code, wrong.json()) == (400, {"text": ["Not a valid string."]})
    assert empty.json() == {"text": ["This field is required."]}


async def test_the_routes_of_a_plugin_are_in_the_document(world, site, served):
    site.install(NOTES, name="notes")

    document = (await served("uma").get("/openapi.json")).json()

    assert "get" in document["paths"]["/api/plugins/notes/whoami/"]


HALF_WAY = {
    "fails after its first route": (
        ROUTES
        + "class Fails(InitPlugin):\n"
        + "    def on_app_init(self, app_config):\n"
        + "        raise ValueError('no licence')\n"
        + "plugin = Plugin(name='notes', api=1, init_plugins=[Routes(), Fails()])",
        "ValueError: no licence",
    ),
    "leaves a door unguarded": (
        ROUTES.replace("guards=[signed_in]", "") + NOTES[len(ROUTES) :],
        "/api/plugins/notes/whoami has no guard",
    ),
    "asks for what the API does not offer": (
        ROUTES.replace("actor: NamedDependency[Actor]", "oracle: NamedDependency[Actor]").replace(
            "actor.id", "oracle.id"
        )
        + NOTES[len(ROUTES) :],
        "",
    ),
}


@pytest.mark.parametrize("way", HALF_WAY)
async def test_of_a_plugin_that_fails_half_way_nothing_is_left(world, site, served, way):
    source, reason = HALF_WAY[way]
    site.install(source, name="notes")

    plugins = loaded()
    uma = served("uma")

    assert (await uma.get("/plugins/notes/whoami/")).status_code == 404
    assert (await uma.get("/auth/me/")).status_code in (200, 404)
    assert [fault.name for fault in plugins.faults] == ["notes"]
    assert reason in plugins.faults[0].reason


LIFE = (
    ROUTES
    + """
import asyncio, contextlib
DONE = []

@contextlib.asynccontextmanager
async def life(app):
    DONE.append("began")
    yield
    DONE.append("ended")

async def start(app):
    DONE.append("started")

class Lives(InitPlugin):
    def on_app_init(self, app_config):
        app_config.lifespan.append(life)
        app_config.on_startup.append(start)
        app_config.on_shutdown.append(lambda: DONE.append("stopped"))
        return app_config

plugin = Plugin(name='notes', api=1, init_plugins=[Routes(), Lives()])
"""
)


@contextlib.asynccontextmanager
async def running(world):
    """The plugins' share of a server's life, without another pool beside the tests' own."""
    app = create_litestar(make_settings())
    async with contextlib.AsyncExitStack() as stack:
        for lifespan in loaded().lifespans():
            await stack.enter_async_context(lifespan(app))
        yield


async def test_a_plugin_lives_as_long_as_the_server(world, site):
    site.install(LIFE, name="notes")
    loaded()
    done = __import__(site.modules[0]).DONE

    async with running(world):
        assert done == ["began", "started"]

    assert done == ["began", "started", "stopped", "ended"]


@pytest.mark.parametrize("does", ["raise ValueError", "await asyncio.sleep(60)"])
async def test_a_plugin_that_cannot_start_does_not_hold_the_server_up(
    world, site, monkeypatch, does
):
    monkeypatch.setattr("ticketing_server.dashboard.plugin_routes.START_SECONDS", 0.1)
    site.install(LIFE.replace('DONE.append("started")', does), name="notes")
    loaded()
    done = __import__(site.modules[0]).DONE

    async with running(world):
        assert done == ["began"]

    assert done == ["began", "stopped", "ended"]
