"""Every door of the admin: a superuser's session opens it, and only its own page changes anything.

The doors are walked, not listed. They are not the API's: their key is a cookie.
"""

import pytest

from tests.conftest import ENVIRONMENT, client_of
from ticketing_server.admin.guards import from_own_page, superuser_signed_in
from ticketing_server.app import create_litestar
from ticketing_server.settings import load_settings

OPEN = {
    ("GET", "/admin"),
    ("GET", "/admin/admin.css"),
    ("GET", "/admin/assets/{name}"),
    ("GET", "/admin/public/meta"),
    ("GET", "/admin/public/translations"),
    ("GET", "/admin/public/translations/{language}"),
    ("POST", "/admin/public/login"),
    ("POST", "/admin/public/logout"),
}


def walk():
    """In one order, for several processes that share the tests."""
    settings = load_settings({"DATABASE_URL": "postgresql://x", **ENVIRONMENT})
    doors = [
        (handler, method, route.path_format)
        for route in create_litestar(settings).routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods
        if route.path.startswith("/admin") and method != "OPTIONS"
    ]
    return sorted(doors, key=lambda door: (door[2], door[1]))


DOORS = walk()
GUARDED = [(method, path) for _, method, path in DOORS if (method, path) not in OPEN]


def test_the_doors_that_are_open_are_known():
    assert {(method, path) for handler, method, path in DOORS if handler.opt.get("open")} == OPEN


@pytest.mark.parametrize(
    ("handler", "method", "path"),
    [pytest.param(*door, id=f"{door[1]} {door[2]}") for door in DOORS],
)
def test_a_door_is_open_or_guarded_and_what_changes_comes_from_the_page(handler, method, path):
    guards = handler.resolve_guards()

    assert (superuser_signed_in in guards) != ((method, path) in OPEN)
    assert (from_own_page in guards) == (method != "GET")


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_nobody_is_told_to_sign_in(app, empty_database, method, path):
    async with client_of(app, Cookie="csrftoken=x; id=guessed") as client:
        address = "http://localhost" + path.format(table="ticket", row=1)
        answer = await client.request(method, address, headers={"X-CSRFToken": "x"}, json={})

    assert answer.status_code == 401
    assert "Sign in to the admin." in answer.text
