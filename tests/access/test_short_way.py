"""Reads go a short way, on which nothing is left out; with an `Origin` they go the ordinary one."""

import pytest
from litestar.routes import HTTPRoute

from tests.conftest import client_of, make_app, make_settings, token_of, tokens
from ticketing_server.access.authentication import Authentication
from ticketing_server.access.reading import ReadHandler
from ticketing_server.access.short_way import ShortWay
from ticketing_server.app import create_litestar

ORDINARY = {"Origin": "https://elsewhere.example.com"}
GOOD = [
    "/tickets/tickets/",
    "/tickets/tickets/?page_size=1&colour=red&search=printer",
    "/tickets/tickets/{printer}/",
    "/tickets/tickets/{printer}",
    "/tickets/columns/?project={project}&page=1",
    "/tickets/comments/?ticket={printer}",
]
BAD = [
    "/tickets/tickets/?page=99",
    "/tickets/tickets/?priority_id=9&ordering=nothing",
    "/tickets/tickets/?project=0",
    "/tickets/tickets/{secret}/",
    "/tickets/tickets/x/",
    "/tickets/columns/?project=x",
    "/tickets/columns/?project=null",
    "/tickets/tickets/?overdue=NULL",
    "/tickets/comments/{hush}/",
]


async def ask(client, world, path, **headers):
    """What is told, but for the request's own id."""
    ids = {
        "printer": world.printer,
        "project": world.project,
        "secret": world.other_ticket,
        "hush": world.other_comment,
    }
    told = await client.get(path.format(**ids), headers=headers)
    shown = {name: value for name, value in told.headers.items() if name != "x-request-id"}
    return told.status_code, told.content, shown


@pytest.mark.parametrize("person", ["alice", "uma", "stella", "root", "stan"])
@pytest.mark.parametrize("path", [*GOOD, *BAD])
async def test_both_ways_lead_to_the_same_answer(world, as_user, path, person):
    short = await ask(as_user(person), world, path)

    assert short == await ask(as_user(person), world, path, **ORDINARY)


@pytest.mark.parametrize("authorization", ["", "Bearer x", "Basic YTpi", "Bearer"])
@pytest.mark.parametrize("path", [*GOOD, *BAD])
async def test_a_stranger_is_refused_on_both_ways(world, app, path, authorization):
    async with client_of(app, Authorization=authorization) as client:
        short = await ask(client, world, path)

        assert short[0] == 401
        assert short == await ask(client, world, path, **ORDINARY)


@pytest.mark.parametrize("path", [*GOOD, *BAD])
async def test_the_short_way_asks_the_database_no_more_than_the_ordinary_one(
    world, as_user, statements, path
):
    for headers in ({}, ORDINARY):
        await ask(as_user("adam"), world, path, **headers)

    async with statements() as on_the_short_one:
        await ask(as_user("adam"), world, path)
    async with statements() as on_the_ordinary_one:
        await ask(as_user("adam"), world, path, **ORDINARY)

    assert len(on_the_short_one) == len(on_the_ordinary_one)


async def test_who_has_not_changed_anything_is_told_so(world, as_user):
    path = f"/tickets/tickets/{world.printer}/"
    tag = (await as_user("uma").get(path)).headers["etag"]

    again = await as_user("uma").get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")


async def test_another_sites_page_gets_its_headers(world):
    site = "https://desk.example.com"
    app = make_app(CORS_ALLOWED_ORIGINS=site)
    async with client_of(app, Authorization=f"Bearer {token_of(world, 'uma')}") as client:
        told = await client.get("/tickets/tickets/", headers={"Origin": site})

    assert told.headers["access-control-allow-origin"] == site


def test_every_read_has_its_short_way():
    settings = make_settings()
    litestar = create_litestar(settings)
    short_way = ShortWay(litestar, Authentication(tokens(settings.secret_key), None))
    routes = {
        route.path_format.replace("{id}", "1")
        for route in litestar.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if isinstance(handler, ReadHandler)
    }

    assert len(routes) >= 5
    assert all(short_way.find({"method": "GET", "path": path}) for path in routes)
    assert not any(short_way.find({"method": "PATCH", "path": path}) for path in routes)
    assert short_way.find({"method": "GET", "path": "/api/tickets/projects"}) is None
