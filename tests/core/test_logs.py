"""Each line names the request it belongs to."""

import logging
import sys

import msgspec
import pytest

from ticketing_server.core.edge import REQUEST_ID
from ticketing_server.core.telemetry.logs import JSONFormatter, TextFormatter

ACCESS = "ticketing_server.access"


@pytest.fixture
def record():
    """A line about an error, in a request."""
    token = REQUEST_ID.set("request-1")
    try:
        raise LookupError("mislaid")
    except LookupError:
        yield logging.LogRecord("desk", 40, "x.py", 1, "no %s\n", ("luck",), sys.exc_info())
    finally:
        REQUEST_ID.reset(token)


def test_a_json_line_is_one_line_of_json(record):
    line = JSONFormatter().format(record)

    read = msgspec.json.decode(line)
    assert "\n" not in line
    assert read.pop("time").endswith("Z")
    assert read.pop("error").endswith("LookupError: mislaid")
    assert read == {
        "level": "ERROR",
        "logger": "desk",
        "message": "no luck\n",
        "request_id": "request-1",
    }


def test_a_text_line_names_the_request(record):
    first, *more = TextFormatter().format(record).splitlines()

    assert "ERROR   [request-1] desk: no luck" in first
    assert more[-1] == "LookupError: mislaid"


def test_what_a_caller_sends_neither_ends_a_line_nor_speaks_to_a_terminal():
    record = logging.LogRecord(
        "x", logging.INFO, "", 0, "GET %s 404", ("/a\n2026 INFO forged\x1b[31m\x85",), None
    )

    line = TextFormatter().format(record)

    assert line.endswith("GET /a\\n2026 INFO forged\\x1b[31m\\x85 404")
    assert line.isprintable()


async def test_a_requests_json_line_has_its_facts_as_fields(as_user, world, caplog):
    caplog.set_level(logging.INFO, ACCESS)
    path = f"/api/tickets/tickets/{world.printer}"

    answer = await as_user("uma").get(f"http://localhost{path}/?search=private+words")

    line = last_line(caplog)
    assert line.pop("duration_ms") > 0
    assert line.pop("message").startswith(f"GET {path} 200 ")
    assert {name: line[name] for name in ("method", "path", "route", "status", "account")} == {
        "method": "GET",
        "path": path,
        "route": "/api/tickets/tickets/{id}",
        "status": 200,
        "account": world.people["uma"],
    }
    assert answer.status_code == 200
    assert "private" not in str(line)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PATCH"])
async def test_the_account_is_told_however_a_handler_learns_of_it(as_user, world, caplog, method):
    caplog.set_level(logging.INFO, ACCESS)
    body = {"json": {"name": "Copier"}} if method == "PATCH" else {}

    await as_user("alice").request(method, f"/tickets/tickets/{world.printer}/", **body)

    line = last_line(caplog)
    assert (line["method"], line["account"]) == (method, world.people["alice"])


async def test_a_stranger_has_no_account_and_an_unknown_path_no_route(client, caplog):
    caplog.set_level(logging.INFO, ACCESS)

    await client.get("/nowhere/")

    line = last_line(caplog)
    assert (line["status"], line["route"], line["account"]) == (404, None, None)


def last_line(caplog):
    """What the JSON form makes of the server's last record; the test's own client notes its too."""
    noted = [record for record in caplog.records if record.name == ACCESS]
    return msgspec.json.decode(JSONFormatter().format(noted[-1]))
