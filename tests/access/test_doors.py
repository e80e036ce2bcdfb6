"""Every door of the API: who may knock, and what a stranger's door looks like.

The doors are walked, not listed: a new endpoint is tested here from the day it is born.
"""

import pytest

from tests.conftest import ENVIRONMENT
from tests.world import add_contact, add_tag, everything_stored
from ticketing_server.app import create_litestar
from ticketing_server.settings import load_settings

OPEN = {
    "/api/tickets/auth/register",
    "/api/tickets/auth/login",
    "/api/tickets/auth/token/refresh",
    "/api/tickets/auth/logout",
}
DOCS = ("/api/docs", "/api/openapi.json")

# What belongs to stella, by the room whose id it is. A new room adds its own line.
STELLAS = {
    "tickets": lambda world: world.other_ticket,
    "projects": lambda world: world.other_project,
    "columns": lambda world: world.other_column,
    "tags": lambda world: world.other_tag,
    "contacts": lambda world: world.other_contact,
    "users": lambda world: world.people["stella"],
    "attachments": lambda world: world.other_attachment,
    "companies": lambda world: world.other_company,
    "comments": lambda world: world.other_comment,
}
# What a list needs to be asked for at all.
NEEDED = {
    "/tickets/attachments": lambda world: f"ticket={world.printer}",
    "/tickets/comments": lambda world: f"ticket={world.printer}",
}
FOR_SUPERUSERS = {"/tickets/audit-log"}
MEMBERS = ["alice", "adam", "uma", "mona"]
IMPOSSIBLE = [
    "0",
    "-1",
    "+1",
    "01",
    "01x",
    "abc",
    "1.0",
    "%20",
    "1%00",
    "١",
    2**63,
    2**80,
    "9" * 5000,
]


def walk():
    """Every (handler, method, path) under /api."""
    settings = load_settings({"DATABASE_URL": "postgresql://x", **ENVIRONMENT})
    return [
        (handler, method, route.path_format)
        for route in create_litestar(settings).routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods
        if route.path.startswith("/api") and method != "OPTIONS"
    ]


DOORS = walk()
GUARDED = [(method, path) for handler, method, path in DOORS if not handler.opt.get("open")]
WITH_ID = [(method, path) for method, path in GUARDED if "{" in path]
READABLE = [path for method, path in GUARDED if method == "GET" and "{" not in path]


def needed(address, world):
    """The query without which the list is not to be had."""
    if address.startswith("/tickets/dashboard/"):
        return f"project={world.project}"
    return NEEDED.get(address, lambda _: "")(world)


def of_stella(path, world):
    """The door's address with her id, and below /api."""
    room = path.partition("/{")[0].rpartition("/")[2]
    return path.removeprefix("/api").format(id=STELLAS[room](world), invitation=1) + "/"


@pytest.mark.parametrize(
    ("handler", "path"), [pytest.param(h, p, id=f"{m} {p}") for h, m, p in DOORS]
)
def test_every_door_has_a_guard_or_is_known_to_be_open(handler, path):
    is_open = path in OPEN or path.startswith(DOCS)

    assert bool(handler.opt.get("open")) == is_open
    assert bool(handler.resolve_guards()) != is_open


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_nobody_is_told_to_sign_in(client, method, path):
    answer = await client.request(method, path.removeprefix("/api").format(id=1, invitation=1))

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="api"'
    assert answer.json() == {"detail": "Authentication credentials were not provided."}


@pytest.mark.parametrize("person", MEMBERS)
@pytest.mark.parametrize(("method", "path"), WITH_ID)
async def test_what_is_a_strangers_is_not_there(world, as_user, method, path, person):
    before = await everything_stored()

    answer = await as_user(person).request(method, of_stella(path, world), json={})

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not found."}
    assert await everything_stored() == before


@pytest.mark.parametrize(("method", "path"), WITH_ID)
async def test_an_id_that_cannot_exist_is_not_there(world, as_user, method, path):
    addresses = [path.removeprefix("/api").format(id=id, invitation=id) for id in IMPOSSIBLE]

    answers = [await as_user("root").request(method, address, json={}) for address in addresses]

    assert [answer.status_code for answer in answers] == [404] * len(IMPOSSIBLE)


@pytest.mark.parametrize("path", sorted({path for _, _, path in DOORS}))
async def test_options_and_a_405_name_every_method_of_a_path(client, path):
    methods = {method for _, method, other in DOORS if other == path} | {"OPTIONS"}
    offered = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    address = path.removeprefix("/api").format(id=1, invitation=1, name="x")

    missing = next(method for method in ("PUT", "PATCH", "DELETE") if method not in methods)
    options, refused = await client.options(address), await client.request(missing, address)

    assert (options.status_code, options.headers["allow"]) == (204, offered)
    assert (refused.status_code, refused.headers["allow"]) == (405, offered)


async def test_an_invitation_is_found_only_in_its_own_project(world, as_user):
    invite = f"/tickets/projects/{world.other_project}/invitations/"
    theirs = (await as_user("stella").post(invite, json={"role": "user"})).json()["id"]
    before = await everything_stored()

    ours = f"/tickets/projects/{world.project}/invitations/"
    answers = [await as_user("alice").delete(f"{ours}{id}/") for id in [theirs, *IMPOSSIBLE]]

    assert {answer.status_code for answer in answers} == {404}
    assert await everything_stored() == before


@pytest.mark.parametrize("path", READABLE)
async def test_a_door_opens_with_and_without_the_last_slash_and_to_head(world, as_user, path):
    address = path.removeprefix("/api")
    client = as_user("root" if address in FOR_SUPERUSERS else "alice")

    query = "?" + needed(address, world)

    bare, slashed = await client.get(address + query), await client.get(address + "/" + query)
    head = await client.head(address + "/" + query)

    assert bare.status_code == slashed.status_code == head.status_code == 200
    assert bare.json() == slashed.json()
    assert head.headers["content-length"] == slashed.headers["content-length"]
    assert head.content == b""


@pytest.mark.parametrize("person", ["stan", "stella"])
async def test_without_a_role_there_is_no_way_into_a_project(world, as_user, person):
    client = as_user(person)
    tag = await add_tag(world.project, "Nikora")
    contact = await add_contact(world.project, "Giorgi", "", tag)

    answers = [
        await client.get(f"/tickets/projects/{world.project}/"),
        await client.get(f"/tickets/projects/{world.project}/permissions/"),
        await client.get(f"/tickets/tickets/{world.printer}/"),
        await client.get(f"/tickets/columns/{world.columns['New']}/"),
        await client.get(f"/tickets/tags/{tag}/"),
        await client.get(f"/tickets/tags/{tag}/contacts/"),
        await client.get(f"/tickets/contacts/{contact}/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 7
