"""Whatever is pushed through a door, the answer is no 5xx and says what was wrong (rulings 1.7).

The doors, the fields of their bodies and their query parameters are read from the app itself, so a
new door is tried without a line here. `HOSTILE_EXAMPLES=1000` tries each of them for longer.
"""

import json
import os
import re
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.handlers import HTTPRouteHandler

from tests.conftest import ENVIRONMENT
from tests.world import PASSWORD
from ticketing_server.app import create_litestar
from ticketing_server.settings import load_settings

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "30"))
bounded = settings(
    max_examples=EXAMPLES,
    derandomize="HOSTILE_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Door(NamedTuple):
    method: str
    path: str
    body: type[msgspec.Struct] | None
    parameters: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def url(self, world: Any) -> str:
        ids = {
            "projects": world.project,
            "columns": world.columns["Review"],
            "tickets": world.printer,
            "users": world.people["ugo"],
            "companies": world.companies["Globex"],
        }
        room = self.path.split("/")[3]
        return re.sub(r"{\w+(:\w+)?}", str(ids.get(room, 1)), self.path).removeprefix("/api")


def doors() -> list[Door]:
    app = create_litestar(load_settings({"DATABASE_URL": "postgresql://x", **ENVIRONMENT}))
    return [
        Door(method, route.path_format, body_of(handler), parameters_of(handler, route))
        for route in app.routes
        if route.path_format.startswith("/api/tickets/")
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods - {"OPTIONS"})
    ]


def body_of(handler: HTTPRouteHandler) -> type[msgspec.Struct] | None:
    annotation = handler.parsed_data_field.annotation if handler.parsed_data_field else None
    is_struct = isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)
    return annotation if is_struct else None


def parameters_of(handler: HTTPRouteHandler, route: Any) -> frozenset[str]:
    path = dict.fromkeys(route.path_parameters)
    model = handler.create_kwargs_model(path_parameters=path)
    return frozenset(parameter.field_alias for parameter in model.expected_query_params)


DOORS = doors()
WITH_BODY = [door for door in DOORS if door.body]
WITH_PARAMETERS = [door for door in DOORS if door.method == "GET" and door.parameters]

# What gets a request past its first checks, by field; a number makes it new each time.
PLAUSIBLE: dict[str, Any] = {
    "username": "user{}",
    "email": "user{}@example.com",
    "password": "a good long password",
    "password_confirm": "a good long password",
    "old_password": PASSWORD,
    "name": "Name {}",
    "key": "K{}",
    "role": "user",
    "content": "Words",
    "column": 1,
    "ticket": 1,
    "contact_id": 1,
    "user_id": 5,
    "project_id": 1,
    "refresh": "eyJhbGciOiJIUzI1NiJ9.e30.e30",
    "token": "token",
    "order": [{"id": 1, "order": 0}],
}

TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "x" * 100_000,
    "ß" * 256,
    "\u202eevil\u200b",
    "👩‍👩‍👧‍👦",
    "ﷺ" * 255,
    "%_\\'\";--",
    "{}",
    "1e400",
    "NaN",
    "-Infinity",
    "null",
    "true",
    "0",
    "-1",
    "+1",
    str(2**63),
    str(2**80),
    "9" * 400,
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "2026-02-30T25:61:61Z",
    "-name,,-",
]
NUMBERS = [0, -1, 1, 5, 2**31, 2**63 - 1, 2**63, 2**64, 2**80, 10**400, -(2**63), 0.5, 1e300, -0.0]
ODDITIES = [None, True, False, [], {}, [[]], [None], [1, "1", 1], {"id": 1}, [{}], [2**63 - 1] * 3]

anything = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(NUMBERS),
    st.sampled_from(ODDITIES),
    st.sampled_from(TEXTS).map(lambda text: [text]),
    st.text(max_size=20),
    st.integers(),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)
people = st.sampled_from(["root", "alice", "uma"])


def encoded(text: str) -> str:
    """Every byte as an escape, so that the client cannot make it harmless."""
    return "".join(f"%{byte:02x}" for byte in text.encode(errors="surrogatepass"))


@st.composite
def bodies(draw: st.DrawFn, struct: type[msgspec.Struct]) -> bytes:
    """A plausible body in which up to three fields are not."""
    fields = [field.encode_name for field in msgspec.structs.fields(struct)]
    number = draw(st.integers(1, 10**8))
    body: dict[str, Any] = {
        name: PLAUSIBLE[name].format(number)
        if isinstance(PLAUSIBLE[name], str)
        else PLAUSIBLE[name]
        for name in fields
        if name in PLAUSIBLE
    }
    hostile = draw(st.lists(st.sampled_from(fields), max_size=3, unique=True))
    body |= {name: draw(anything) for name in hostile}
    return json.dumps(body).encode()


@pytest.mark.parametrize("door", WITH_BODY, ids=str)
@bounded
@given(person=people, data=st.data())
async def test_no_body_breaks_a_door(door, world, as_user, person, data):
    body = data.draw(bodies(door.body))

    answer = await as_user(person).request(
        door.method, door.url(world), content=body, headers={"Content-Type": "application/json"}
    )

    check(answer)


SHORT_TEXTS = st.sampled_from([text for text in TEXTS if len(text) < 1000]) | st.text(max_size=20)


@pytest.mark.parametrize("door", WITH_PARAMETERS, ids=str)
@bounded
@given(person=people, data=st.data())
async def test_no_query_breaks_a_door(door, world, as_user, person, data):
    pairs = st.tuples(st.sampled_from(sorted(door.parameters)), SHORT_TEXTS.map(encoded))
    query = data.draw(st.lists(pairs, min_size=1, max_size=4))

    check(await as_user(person).get(f"{door.url(world)}?{'&'.join(map('='.join, query))}"))


@pytest.mark.parametrize("door", [door for door in DOORS if "{" in door.path], ids=str)
@bounded
@given(id=SHORT_TEXTS.map(encoded).filter(bool))
async def test_no_id_breaks_a_door(door, as_user, id):
    path = re.sub(r"{\w+(:\w+)?}", lambda _: id, door.path).removeprefix("/api")

    check(await as_user("root").request(door.method, path, content=b""))


HEADERS = {
    "Accept": ["text/html", "*/*;q=x"],
    "Authorization": ["Bearer ..", "Bearer  ", "Basic é"],
    "Content-Type": ["application/json; charset=utf-7", "multipart/form-data", ";;"],
    "Idempotency-Key": ["k", "é" * 255, "k" * 300],
    "If-Match": ["*", '"', '"1-', '"99999999999-x"', 'W/"1-x"'],
    "If-None-Match": ["*", '"', ",,"],
    "Origin": ["null", "https://"],
    "X-Forwarded-For": ["1.2.3.4, x", "[::"],
    "X-Request-ID": ["../..", "x" * 300],
}
named = st.sampled_from(sorted(HEADERS)).flatmap(
    lambda name: st.tuples(
        st.just(name.encode()),
        (st.sampled_from(HEADERS[name]) | st.text(st.characters(max_codepoint=255))).map(
            lambda value: value.encode("latin-1")
        ),
    )
)


@settings(bounded, max_examples=EXAMPLES * 5)
@given(method=st.sampled_from(["GET", "PATCH", "POST"]), headers=st.lists(named, max_size=3))
async def test_no_header_breaks_a_door(world, as_user, method, headers):
    path = "/tickets/tickets/" + ("" if method == "POST" else f"{world.printer}/")

    check(await as_user("uma").request(method, path, headers=headers, content=b"{}"))


def check(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if not answer.content:
        assert answer.status_code in (200, 204, 304)
        return
    body = answer.json()
    if answer.status_code >= 400:
        assert isinstance(body, dict)
        assert "detail" in body or all(is_list_of_texts(messages) for messages in body.values())


def is_list_of_texts(messages: Any) -> bool:
    return isinstance(messages, list) and all(isinstance(message, str) for message in messages)
