"""What is true of every door, tried at one or two of them (rulings 1)."""

import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from tests.conftest import client_of, make_app, token_of
from tests.world import mislaid
from ticketing_server.core.db import DB, Sql, scalar
from ticketing_server.core.db.lending import Lender
from ticketing_server.core.telemetry.logs import TextFormatter

TICKETS, PROJECTS, COLUMNS = "/tickets/tickets/", "/tickets/projects/", "/tickets/columns/"
USERS, ME, REGISTER = "/tickets/users/", "/tickets/auth/me/", "/tickets/auth/register/"
AS_JSON = {"Content-Type": "application/json"}


def signed_in(world: Any, name: str, app: Any, **headers: str) -> httpx.AsyncClient:
    return client_of(app, Authorization=f"Bearer {token_of(world, name)}", **headers)


# Bodies (1.1, 1.6)


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"],
)
async def test_a_json_media_type_is_read(world, as_user, media_type):
    answer = await as_user("uma").post(
        TICKETS,
        content=json.dumps({"name": "Mouse", "column": world.columns["New"]}),
        headers={"Content-Type": media_type},
    )

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
async def test_another_media_type_is_not(world, as_user, media_type):
    answer = await as_user("uma").post(
        TICKETS, content=b'{"name": "Mouse"}', headers={"Content-Type": media_type}
    )

    assert answer.status_code == 415
    assert answer.json() == {"detail": f'Unsupported media type "{media_type}" in request.'}


async def test_a_form_is_no_json(world, as_user):
    answer = await as_user("uma").post(TICKETS, files={"name": b"Mouse"})

    assert answer.status_code == 415
    assert "multipart/form-data" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"name": "x"} {}',
        b"{'name': 'x'}",
        b'{"name": NaN}',
        b'{"name": 1e400}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        b"[]",
        b"null",
        b"true",
        b"7",
        b'"text"',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"name":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"name": ' + b"[" * 65 + b"]" * 65 + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_a_body_that_is_no_json_object_is_refused(client, body):
    answer = await client.post(REGISTER, content=body, headers=AS_JSON)

    assert answer.status_code == 400
    assert list(answer.json()) == ["detail"]


@pytest.mark.parametrize("body", [b"", b"{}"])
async def test_an_empty_body_lacks_every_required_field(world, as_user, body):
    answer = await as_user("uma").post(TICKETS, content=body, headers=AS_JSON)

    assert answer.status_code == 400
    assert answer.json() == {
        "name": ["This field is required."],
        "column": ["This field is required."],
    }


async def test_a_patch_of_nothing_changes_nothing(world, as_user):
    path = f"{TICKETS}{world.printer}/"
    before = await as_user("uma").get(path)

    after = await as_user("uma").patch(path, json={})

    assert after.status_code == 200
    assert after.json() == before.json()


WRONG_VALUES = {
    "name": (None, "This field may not be null."),
    "description": (7, "Not a valid string."),
    "type": ("riddle", '"riddle" is not a valid choice.'),
    "priority_id": (6, "Ensure this value is less than or equal to 5."),
    "urgency": (True, "Not a valid string."),
    "column": ("abc", "A valid integer is required."),
    "company": (0, "Ensure this value is greater than or equal to 1."),
    "assignee_ids": ("1", "Expected a list of items."),
    "tag_names": ([""], "This field may not be blank."),
    "due_date": ("tomorrow", "Date has wrong format"),
    "start_date": (20260101, "Date has wrong format"),
}


async def test_all_wrong_fields_are_named_at_once_in_the_references_words(world, as_user):
    wrong = {field: value for field, (value, _) in WRONG_VALUES.items()}

    answer = await as_user("uma").post(TICKETS, json=wrong)

    assert answer.status_code == 400
    assert set(answer.json()) == set(wrong)
    for field, (_, words) in WRONG_VALUES.items():
        assert words in answer.json()[field][0], field


async def test_what_the_server_owns_cannot_be_set_from_a_body(world, as_user):
    owned = {
        "id": 4711,
        "key": "EVIL-1",
        "number": 99,
        "project": world.other_project,
        "project_key": "OTHER",
        "reporter": world.people["alice"],
        "status": "done",
        "version": 9,
        "comments_count": 3,
        "created_at": "2001-01-01T00:00:00Z",
        "resolved_at": "2001-01-01T00:00:00Z",
        "anything": "else",
    }
    new = {"name": "Mouse", "column": world.columns["New"]}

    made = (await as_user("uma").post(TICKETS, json={**owned, **new})).json()
    patched = (await as_user("uma").patch(f"{TICKETS}{made['id']}/", json=owned)).json()

    assert {name for name in owned if made.get(name) == owned[name]} == set()
    assert {**patched, "version": 1, "updated_at": None} == {
        **made,
        "version": 1,
        "updated_at": None,
    }


async def test_nobody_makes_themselves_a_superuser_by_registering(client):
    new = {
        "username": "mallory",
        "email": "mallory@example.com",
        "password": "SecurePass123!",
        "password_confirm": "SecurePass123!",
    }
    flags = {"is_superuser": True, "is_staff": True, "superuser": True, "admin": True, "id": 1}

    answer = await client.post(REGISTER, json={**new, **flags})

    assert answer.status_code == 201
    powerful = Sql("SELECT count(*) FROM account WHERE superuser OR is_staff OR admin")
    assert await scalar(powerful, int) == 0


async def test_a_body_too_large_is_refused_whether_or_not_it_says_so(world, as_user):
    body = b'{"name": "' + b"x" * 9 * 1024 * 1024 + b'"}'

    async def in_chunks() -> AsyncIterator[bytes]:
        yield body

    for content in (body, in_chunks()):
        answer = await as_user("uma").post(TICKETS, content=content, headers=AS_JSON)
        assert answer.status_code == 413
        assert answer.json() == {"detail": "Request body is too large."}


# Text (1.9)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  blank ends \n\t", "blank ends"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("one\r\ntwo", "one\ntwo"),
        ("tab\there", "tab\there"),
        ("ბეჭდვა 🖨️ \u202eعربي", "ბეჭდვა 🖨️ \u202eعربي"),
        ("100% 'quoted' \\ _ \"", "100% 'quoted' \\ _ \""),
    ],
)
async def test_text_is_kept_as_nfc_without_blank_ends(world, as_user, given, kept):
    new = {"name": given, "description": given, "column": world.columns["New"]}

    answer = await as_user("uma").post(TICKETS, json=new)

    assert (answer.json()["name"], answer.json()["description"]) == (kept, kept)


@pytest.mark.parametrize("character", ["\0", "\x01", "\x08", "\x0b", "\x1b", "\x1f", "\r"])
async def test_control_characters_are_no_text(world, as_user, character):
    wrong = {"name": f"a{character}b", "tag_names": [f"a{character}b"]}

    answer = await as_user("uma").post(TICKETS, json={**wrong, "column": world.columns["New"]})

    message = ["Null and control characters are not allowed."]
    assert (answer.status_code, answer.json()) == (400, dict.fromkeys(wrong, message))


@pytest.mark.parametrize(
    ("field", "longest"), [("name", 500), ("description", 1_048_576)], ids=["name", "description"]
)
async def test_text_has_a_longest_length(world, as_user, field, longest):
    new = {"name": "Mouse", "column": world.columns["New"]}

    fits = await as_user("uma").post(TICKETS, json={**new, field: "ა" * longest})
    does_not = await as_user("uma").post(TICKETS, json={**new, field: "ა" * (longest + 1)})

    assert fits.status_code == 201
    assert does_not.json() == {field: [f"Ensure this field has no more than {longest} characters."]}


async def test_a_blank_name_is_none(world, as_user):
    answer = await as_user("uma").post(TICKETS, json={"name": " \t\n ", "column": 1})

    assert answer.json()["name"] == ["This field may not be blank."]


# Ids (1.2)

IMPOSSIBLE = ["0", "-1", "+1", "1.5", "abc", "0x1", "١", str(2**63), str(2**80), "1e999", "1" * 500]


@pytest.mark.parametrize("id", IMPOSSIBLE, ids=lambda id: id[:20])
async def test_an_id_that_cannot_exist_is_400_in_a_body_and_in_a_filter(world, as_user, id):
    in_body = await as_user("uma").post(TICKETS, json={"name": "Mouse", "column": id})
    in_list = await as_user("alice").patch(
        f"{TICKETS}{world.printer}/", json={"assignee_ids": [id]}
    )
    in_filter = await as_user("uma").get(TICKETS, params={"column": id})

    assert (in_body.status_code, list(in_body.json())) == (400, ["column"])
    assert (in_list.status_code, list(in_list.json())) == (400, ["assignee_ids"])
    assert (in_filter.status_code, list(in_filter.json())) == (400, ["column"])


@pytest.mark.parametrize("id", ["0", str(2**63)])
async def test_a_single_id_in_a_query_has_limits_too(world, as_user, id):
    answer = await as_user("uma").get(COLUMNS, params={"project": id})

    assert (answer.status_code, list(answer.json())) == (400, ["project"])


async def test_an_id_of_nothing_is_named_in_the_references_words(world, as_user):
    answer = await as_user("uma").post(TICKETS, json={"name": "Mouse", "column": 999})

    assert answer.status_code == 400
    assert answer.json() == {"column": ['Invalid pk "999" - object does not exist.']}


async def test_times_are_utc_and_end_in_z(world, as_user):
    ticket = (await as_user("uma").get(f"{TICKETS}{world.printer}/")).json()

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", ticket["created_at"])


# Lists (1.3, 1.4, 1.12)


async def test_a_page_links_its_neighbours_and_keeps_every_other_parameter(world, as_user):
    root = as_user("root")
    params = {"page_size": "3", "search": "example.com", "page": "2", "colour": "red & blue"}

    answer = await root.get(USERS, params=params)

    page = answer.json()
    assert (page["count"], len(page["results"])) == (8, 3)
    assert asked_by(page["next"]) == {**params, "page": "3"}
    assert asked_by(page["previous"]) == {**params, "page": "1"}
    assert page["next"].startswith(f"http://localhost/api{USERS}?")
    assert (await root.get(page["next"])).json()["next"] is None
    assert answer.headers["x-unknown-parameters"] == "colour"


def asked_by(url: str) -> dict[str, str]:
    return dict(httpx.URL(url).params)


async def test_links_carry_the_slash_whatever_was_asked(world, as_user):
    page = (await as_user("root").get(USERS.rstrip("/"), params={"page_size": 1})).json()

    assert page["next"].startswith(f"http://localhost/api{USERS}?")


@pytest.mark.parametrize(
    ("size", "length"),
    [("3", 3), ("100", 8), ("101", 8), ("9" * 30, 8), ("0", 8), ("-1", 8), ("x", 8), ("", 8)],
)
async def test_a_page_size_is_never_an_error(world, as_user, size, length):
    answer = await as_user("root").get(USERS, params={"page_size": size})

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == length


@pytest.mark.parametrize("path", [USERS, PROJECTS])
@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.0", "99", "9" * 30, "٢"])
async def test_a_page_that_does_not_exist_is_not_found(world, as_user, path, page):
    answer = await as_user("root").get(path, params={"page": page})

    assert (answer.status_code, answer.json()) == (404, {"detail": "Invalid page."})


async def test_page_one_of_an_empty_list_exists(world, as_user):
    empty = {"count": 0, "next": None, "previous": None, "results": []}

    paged = await as_user("root").get(USERS, params={"search": "nobody at all", "page": 1})
    bare = await as_user("stan").get(PROJECTS, params={"page": 1})

    assert paged.json() == empty
    assert (bare.status_code, bare.json()) == (200, [])


async def test_a_bare_array_is_cut_only_when_asked(world, as_user):
    whole = await as_user("alice").get(COLUMNS)
    second = await as_user("alice").get(COLUMNS, params={"page": 2, "page_size": 3})

    assert len(whole.json()) == 4
    assert (whole.headers["x-total-count"], second.headers["x-total-count"]) == ("4", "4")
    assert "link" not in whole.headers
    assert second.json() == whole.json()[3:]
    url = f"http://localhost/api{COLUMNS}?page_size=3&page="
    assert second.headers["link"].split(", ") == [
        f'<{url}1>; rel="first"',
        f'<{url}1>; rel="prev"',
        f'<{url}2>; rel="last"',
    ]


@pytest.mark.parametrize(("size", "length"), [("2", 2), ("0", 4), ("x", 4), ("101", 4)])
async def test_page_size_alone_cuts_a_bare_array(world, as_user, size, length):
    answer = await as_user("alice").get(COLUMNS, params={"page_size": size})

    assert len(answer.json()) == length
    assert "link" in answer.headers


async def test_unknown_parameters_are_named_safely(world, as_user):
    unknown = {"zebra": "1", "a b": "2", "line\r\nbreak": "3", "ბ": "4"}

    answer = await as_user("uma").get(TICKETS, params={"type": "bug", **unknown})

    assert answer.status_code == 200
    assert answer.headers["x-unknown-parameters"] == "a%20b, line%0D%0Abreak, zebra, %E1%83%91"


async def test_an_unknown_ordering_lists_the_valid_ones(world, as_user):
    answer = await as_user("uma").get(TICKETS, params={"ordering": "-name,password"})

    assert answer.status_code == 400
    assert answer.json() == {
        "ordering": [
            '"password" is not a valid choice.'
            " Valid choices: created_at, updated_at, priority_id, name."
        ]
    }


# One object (1.10)


def objects(world: Any) -> dict[str, str]:
    return {
        "ticket": f"{TICKETS}{world.printer}/",
        "project": f"{PROJECTS}{world.project}/",
        "column": f"{COLUMNS}{world.columns['Review']}/",
        "user": f"{USERS}{world.people['uma']}/",
    }


@pytest.mark.parametrize("kind", ["ticket", "project", "column", "user"])
async def test_an_etag_spares_the_body_and_guards_the_change(world, as_user, kind):
    root, path = as_user("root"), objects(world)[kind]
    field = "first_name" if kind == "user" else "name"
    old = (await root.get(path)).headers["etag"]

    unchanged = await root.get(path, headers={"If-None-Match": f'"other", W/{old}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    changed = await root.patch(path, json={field: "Renamed"}, headers={"If-Match": old})
    assert (changed.status_code, changed.json()[field]) == (200, "Renamed")
    assert (await root.get(path, headers={"If-None-Match": old})).status_code == 200

    for method, body in (("PATCH", {field: "Again"}), ("DELETE", None)):
        late = await root.request(method, path, json=body, headers={"If-Match": old})
        assert (late.status_code, list(late.json())) == (412, ["detail"])
        assert late.headers["etag"] == changed.headers["etag"]
    present = changed.headers["etag"]
    assert (await root.delete(path, headers={"If-Match": present})).status_code == 204


async def test_if_match_with_a_star_means_whichever_is_there(world, as_user):
    path = f"{TICKETS}{world.printer}/"

    changed = await as_user("uma").patch(path, json={"name": "New"}, headers={"If-Match": "*"})
    garbage = await as_user("uma").patch(path, json={"name": "Newer"}, headers={"If-Match": "x"})

    assert (changed.status_code, garbage.status_code) == (200, 412)


# Refusals (1.7)


async def test_a_method_that_is_not_offered_names_those_that_are(world, as_user):
    for path, allowed in (
        (TICKETS, "GET, HEAD, OPTIONS, POST"),
        (f"{TICKETS}{world.printer}/", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        (f"{TICKETS}{world.printer}/toggle_follow/", "OPTIONS, POST"),
    ):
        answer = await as_user("uma").put(path, json={})
        assert answer.status_code == 405
        assert answer.json() == {"detail": 'Method "PUT" not allowed.'}
        assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/nothing/", "/tickets/nothing/", "/tickets/tickets/1/no/", "//"])
async def test_a_path_that_is_not_there_is_a_plain_404(client, path):
    answer = await client.get(path)

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


async def test_head_is_get_without_the_body(world, as_user):
    get, head = await as_user("uma").get(TICKETS), await as_user("uma").head(TICKETS)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(get.content))


async def test_a_bug_shows_no_internals_but_an_id_that_the_log_has(world, as_user, caplog):
    caplog.handler.setFormatter(TextFormatter())
    async with mislaid("board_column"):
        answer = await as_user("uma").get(COLUMNS)

    assert answer.status_code == 500
    assert answer.json() == {"detail": "Internal server error."}
    logged = [line for line in caplog.text.splitlines() if "unhandled error" in line]
    assert answer.headers["x-request-id"] in logged[0]
    assert "UndefinedTableError" in caplog.text


@pytest.fixture
async def database_away(world) -> AsyncIterator[None]:
    """Where the database was, nobody listens any more."""
    ours = DB.lender
    async with asyncpg.create_pool("postgresql://x@127.0.0.1:1/x", min_size=0) as nowhere:
        DB.lender = Lender(nowhere, 1)
        yield
    DB.lender = ours


async def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    database_away, as_user, caplog
):
    caplog.set_level(logging.ERROR)
    answers = [
        await as_user("uma").get(TICKETS),
        await as_user("uma").post(PROJECTS, json={}, headers={"Idempotency-Key": "k"}),
        await as_user("uma").post("/tickets/auth/login/", json={"username": "u", "password": "p"}),
    ]

    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.json() == {"detail": "Service temporarily unavailable, try again later."}
    assert caplog.text == ""


# Headers (1.7, 1.8, 1.14)

SAFE = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.mark.parametrize(
    ("method", "path", "host"),
    [
        ("GET", ME, "localhost"),
        ("GET", "/nothing/", "localhost"),
        ("PUT", TICKETS, "localhost"),
        ("POST", REGISTER, "localhost"),
        ("HEAD", ME, "localhost"),
        ("GET", ME, "evil.example.com"),
    ],
)
async def test_every_answer_carries_safe_headers_and_an_id(client, method, path, host):
    answer = await client.request(method, path, headers={"Host": host})

    assert SAFE.items() <= dict(answer.headers).items()
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    assert len(answer.headers.get_list("x-request-id")) == 1
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("given", "echoed"),
    [("req-1234.abc_X", True), ("short", False), ("x" * 65, False), ("two words", False)],
)
async def test_a_sane_request_id_is_echoed(client, given, echoed):
    answer = await client.get(ME, headers={"X-Request-ID": given})

    assert (answer.headers["x-request-id"] == given) is echoed


HOSTS = {
    b"localhost": True,
    b"LOCALHOST": True,
    b"localhost:8000": True,
    b"localhost.": True,
    b"tickets.example.com:443": True,
    b"evil.com": False,
    b"localhost.evil.com": False,
    b"evil-localhost": False,
    b"a.tickets.example.com": False,
    b"localhost:port": False,
    b"localhost@evil.com": False,
    b"localhost/evil.com": False,
    b"evil.com localhost": False,
    b"[::1]": False,
    b"\xc5\x82ocalhost": False,
    b"": False,
}


@pytest.mark.parametrize("host", HOSTS)
async def test_only_allowed_hosts_are_answered(client, host):
    answer = await client.get(ME, headers=[(b"Host", host)])

    assert answer.status_code == (401 if HOSTS[host] else 400)
    if not HOSTS[host]:
        assert answer.json() == {"detail": "Invalid Host header."}


@pytest.mark.parametrize(
    ("allowed", "host", "is_answered"),
    [
        ("[::1]", "[::1]:8000", True),
        ("[::1]", "[::2]", False),
        (".example.com", "a.b.example.com", True),
        (".example.com", "example.com", True),
        (".example.com", "evilexample.com", False),
        ("*", "anything.at.all:1", True),
        ("*", "any thing", False),
        ("Desk.Example.COM", "desk.example.com", True),
    ],
)
async def test_allowed_hosts_are_read_as_in_django(empty_database, allowed, host, is_answered):
    client = client_of(make_app(ALLOWED_HOSTS=allowed))

    assert (await client.get(ME, headers={"Host": host})).status_code == (
        401 if is_answered else 400
    )


@pytest.mark.parametrize("hosts", [[], ["localhost", "evil.com"], ["evil.com", "localhost"]])
async def test_a_host_is_said_once(client, app, hosts):
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/api{ME}",
        "headers": [(b"host", host.encode()) for host in hosts],
    }

    async def keep(message: Any) -> None:
        sent.append(message)

    await app(scope, None, keep)

    assert sent[0]["status"] == 400


@pytest.mark.parametrize(("trusted", "scheme"), [("127.0.0.0/8", "https"), ("10.0.0.1", "http")])
async def test_links_are_https_only_behind_a_trusted_proxy(world, trusted, scheme):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.com"}
    client = signed_in(world, "root", make_app(TRUSTED_PROXIES=trusted), **forwarded)

    page = await client.get(USERS, params={"page_size": 1}, headers={"Host": "localhost:8000"})

    assert page.json()["next"] == f"{scheme}://localhost:8000/api{USERS}?page_size=1&page=2"


async def test_without_trusted_proxies_forwarded_headers_are_ignored(world, as_user):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.com"}

    page = await as_user("root").get(USERS, params={"page_size": 1}, headers=forwarded)

    assert page.json()["next"].startswith("http://localhost/")


async def test_a_browser_may_come_from_configured_origins_only(world):
    client = signed_in(
        world,
        "uma",
        make_app(CORS_ALLOWED_ORIGINS="https://desk.example.com,http://localhost:5173"),
    )

    for origin in ("https://desk.example.com", "http://localhost:5173"):
        answer = await client.get(ME, headers={"Origin": origin})
        assert answer.headers["access-control-allow-origin"] == origin
        assert "ETag" in answer.headers["access-control-expose-headers"]
    for origin in ("https://evil.example.com", "http://desk.example.com", "null"):
        answer = await client.get(ME, headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "may"), [("https://desk.example.com", True), ("https://evil.com", False)]
)
async def test_a_preflight_needs_no_token(empty_database, origin, may):
    client = client_of(make_app(CORS_ALLOWED_ORIGINS="https://desk.example.com"))
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    answer = await client.options(f"{TICKETS}1/", headers=asked)

    assert ("access-control-allow-origin" in answer.headers) is may


async def test_without_configured_origins_there_is_no_cors(as_user):
    answer = await as_user("uma").get(ME, headers={"Origin": "https://desk.example.com"})

    assert "access-control-allow-origin" not in answer.headers


async def test_links_keep_every_other_parameter_as_sent_and_in_order(as_user):
    sent = "zebra=1&tags=7&page=1&apple=&zebra=%E1%83%93&tags=8&page_size=1"

    page = (await as_user("alice").get(f"/tickets/users/?{sent}")).json()

    kept = sent.replace("&page=1", "") + "&page=2"
    assert page["next"] == f"http://localhost/api/tickets/users/?{kept}"


# Parameters that say null (4.9)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/tickets/columns/?project=null", {"project": ["A valid integer is required."]}),
        ("/tickets/columns/?project=NULL", {"project": ["A valid integer is required."]}),
        (
            "/tickets/dashboard/?project=1&project=null",
            {"project": ["A valid integer is required."]},
        ),
        (
            "/tickets/tickets/?overdue=null&following=null",
            {
                "overdue": ["Must be a valid boolean."],
                "following": ["Must be a valid boolean."],
            },
        ),
        (
            "/tickets/tickets/?created_after=",
            {"created_after": ["Use a date, or a date and time: 2025-10-20T10:30:00Z."]},
        ),
    ],
)
async def test_a_parameter_that_says_null_is_wrong_and_no_way_to_leave_it_out(
    world, as_user, path, wrong
):
    answer = await as_user("alice").get(path)

    assert (answer.status_code, answer.json()) == (400, wrong)


async def test_null_is_a_word_that_can_be_looked_for(world, as_user):
    answer = await as_user("alice").get("/tickets/tickets/?search=null&page_size=null")

    assert (answer.status_code, answer.json()["count"]) == (200, 0)
