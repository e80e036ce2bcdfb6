"""Each line names the request it belongs to."""

import logging
import sys

import msgspec
import pytest

from ticketing_server.core.edge import REQUEST_ID
from ticketing_server.core.logs import JSONFormatter, TextFormatter


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
