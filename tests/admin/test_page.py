"""The page itself: who may embed it, what it may load, and what it costs who never opens it."""

import re
import subprocess
import sys

import pytest

from tests.conftest import client_of, make_app
from ticketing_server.admin.shown import SHOWN_AS

EXTERNAL = re.compile(r"""(?:src|href)=["'](?:https?:)?//""")


@pytest.fixture
async def anybody(app, world):
    async with client_of(app) as client:
        client.base_url = "http://localhost"
        yield client


async def test_without_its_last_slash_the_address_is_corrected(anybody):
    answer = await anybody.get("/admin")

    assert (answer.status_code, answer.headers["location"]) == (308, "/admin/")


async def test_the_page_loads_nothing_from_elsewhere_and_is_never_embedded(anybody):
    page = await anybody.get("/admin/")

    policy = dict(
        part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert not EXTERNAL.search(page.text)


async def test_every_file_of_the_page_is_there(anybody):
    page = await anybody.get("/admin/")
    files = re.findall(r'(?:src|href)="\./([^"]+)"', page.text)

    answers = [await anybody.get(f"/admin/{file}") for file in files]

    assert len(files) == 3
    assert [answer.status_code for answer in answers] == [200] * 3
    assert {answer.headers["content-type"].partition(";")[0] for answer in answers} == {
        "text/javascript",
        "text/css",
    }


async def test_what_cannot_be_added_is_not_offered(anybody):
    style = (await anybody.get("/admin/admin.css")).text

    offered = {table for table in SHOWN_AS if f'"#/{table}/add/"' not in style}
    assert offered == {"tag", "contact", "board_column"}


async def test_the_words_of_the_page_are_there_before_signing_in(anybody):
    assert (await anybody.get("/admin/public/meta/")).json()["site_name"] == "Ticketing Server"
    assert (await anybody.get("/admin/public/translations/en/")).json()["language_code"] == "en"


async def test_a_foreign_host_name_gets_no_page(anybody):
    assert (await anybody.get("/admin/", headers={"Host": "evil.example.com"})).status_code == 400


async def test_behind_a_trusted_proxy_the_page_is_an_https_one(world):
    async with client_of(make_app(TRUSTED_PROXIES="127.0.0.1")) as client:
        client.headers["X-Forwarded-Proto"] = "https"
        client.base_url = "http://tickets.example.com"
        page = await client.get("/admin/")
        own = {"X-CSRFToken": client.cookies.get("csrftoken") or page.cookies["csrftoken"]}
        own["Cookie"] = f"csrftoken={own['X-CSRFToken']}"
        own["Origin"] = "https://tickets.example.com"

        answer = await client.post(
            "/admin/public/login/",
            json={"username": "root", "password": "correct horse battery"},
            headers=own,
        )

    assert answer.status_code == 200


def test_a_server_whose_admin_nobody_opens_does_not_load_it():
    script = (
        "import sys, ticketing_server.cli;"
        "print([name for name in ('fastapi', 'pydantic', 'piccolo_admin') if name in sys.modules])"
    )

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert loaded.stdout == "[]\n"


async def test_a_file_that_is_not_there_is_not_remembered(desk):
    missing = await desk.get("/assets/nope.js")

    assert missing.status_code == 404
    assert "immutable" not in missing.headers["cache-control"]
