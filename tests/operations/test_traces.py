"""Traces leave a real server over OTLP/HTTP, when OpenTelemetry's own variables say so."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.conftest import execute
from tests.operations.collector import Collector, attributes, collecting
from tests.operations.conftest import environment, run
from tests.operations.test_serving import register
from tests.world import PASSWORD

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
COLUMNS = "GET /api/tickets/columns"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


def named(collector: Collector, name: str) -> list[Span]:
    return [span for span in collector.spans() if span.name == name]


def test_a_request_is_one_span_named_by_its_route_and_its_statements_lie_below(
    start, database, collector, tmp_path
):
    server = start(LOG_FORMAT="json", **database, **collector.settings)
    with server.client() as client:
        headers = register(client)
        headers["traceparent"] = f"00-{TRACE}-{PARENT}-01"
        client.get("/columns/?search=private", headers=headers).raise_for_status()
        client.head("/columns/", headers=headers).raise_for_status()
    assert server.stop() == 0

    [span] = named(collector, COLUMNS)
    statements = [
        one
        for one in collector.spans(Span.SPAN_KIND_CLIENT)
        if one.parent_span_id == span.span_id and one.trace_id == span.trace_id
    ]

    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert attributes(span.attributes) == {
        "http.request.method": "GET",
        "url.path": "/api/tickets/columns/",
        "url.scheme": "http",
        "http.route": "/api/tickets/columns",
        "http.response.status_code": 200,
    }
    assert len(named(collector, COLUMNS.replace("GET", "HEAD"))) == 1
    assert statements
    for statement in statements:
        told = attributes(statement.attributes)
        assert "SELECT" in told["db.statement"]
        assert "db.statement.parameters" not in told
    assert collector.resource()["service.name"] == "ticketing-server"
    assert b"private" not in b"".join(collector.bodies)
    assert headers["Authorization"][-20:].encode() not in b"".join(collector.bodies)
    assert f'"trace_id":"{TRACE}"' in (tmp_path / "server.log").read_text()


async def test_only_the_servers_own_errors_are_marked_and_probes_are_not_traced(
    start, database, collector
):
    server = start(OTEL_SERVICE_NAME="desk", **database, **collector.settings)
    await execute(database["DATABASE_URL"], "ALTER TABLE throttle RENAME TO mislaid")
    with server.client() as client:
        client.get("/nothing/here/")
        client.post("/auth/login/", json={"username": "ana", "password": PASSWORD})
        client.get(f"http://127.0.0.1:{server.port}/healthz")
        client.get(f"http://127.0.0.1:{server.port}/metrics")
    assert server.stop() == 0

    unknown, broken = collector.spans()

    assert (unknown.name, broken.name) == ("GET", "POST /api/tickets/auth/login")
    assert attributes(unknown.attributes)["http.response.status_code"] == 404
    assert unknown.status.code == Status.STATUS_CODE_UNSET
    assert attributes(broken.attributes)["http.response.status_code"] == 500
    assert broken.status.code == Status.STATUS_CODE_ERROR
    assert collector.resource()["service.name"] == "desk"


def test_every_worker_sends_its_spans(start, database, collector):
    server = start("--workers", "2", **database, **collector.settings)
    for _ in range(6):
        with server.client() as client:
            client.get("/projects/")
    assert server.stop() == 0

    assert len(named(collector, "GET /api/tickets/projects")) == 6


def test_a_collector_that_is_away_hurts_nobody_and_holds_no_stop_up(start, database):
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY": "100"}
    server = start(**database, **away)
    with server.client() as client:
        answers = [client.get("/projects/").status_code for _ in range(5)]

    told = time.monotonic()
    assert server.stop() == 0
    # The exporter alone would go on trying for 14.
    assert time.monotonic() - told < 12
    assert answers == [401] * 5


def test_nothing_of_it_is_imported_where_it_is_not_asked_for(database):
    look = (
        "import sys; from ticketing_server.app import from_environment; from_environment();"
        "print([name for name in ('opentelemetry.sdk', 'opentelemetry.trace',"
        " 'opentelemetry.exporter', 'ticketing_server.core.telemetry.traces')"
        " if name in sys.modules])"
    )
    for off in ({}, {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}):
        told = subprocess.run(
            [sys.executable, "-c", look],
            env=environment(**database, **off),
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout == "[]\n"


def test_without_the_extra_the_start_is_refused_in_one_line(tmp_path, database):
    """As if it were not installed: a package of that name which is none."""
    (tmp_path / "opentelemetry.py").write_text("")
    variable = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    first = {"PYTHONPATH": f"{tmp_path}:{environment()['PYTHONPATH']}"}

    refused = run("serve", cwd=tmp_path, **database, **variable, **first)

    assert refused.status == 2
    assert refused.err == (
        "OTEL_EXPORTER_OTLP_ENDPOINT: got an address, wants pip install 'ticketing-server[otel]',"
        " or to be unset.\n"
    )


def test_a_protocol_that_is_not_spoken_is_said_in_one_line(tmp_path, database):
    grpc = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}

    refused = run("serve", cwd=tmp_path, **database, **grpc)

    assert refused.status == 2
    assert refused.err == (
        "OTEL_EXPORTER_OTLP_PROTOCOL: got 'grpc', wants http/protobuf, or to be unset.\n"
    )
