"""`/metrics`: what is counted, under which labels, and who may read it."""

import asyncio
import re

import httpx
import pytest

from tests.conftest import make_app
from tests.scrape import Scrape
from tests.waiting import somebody_else
from tests.world import PASSWORD
from ticketing_server.core.db import DB, Sql, execute, turnstile
from ticketing_server.core.media.files import LocalDirectory
from ticketing_server.core.secrets import passwords
from ticketing_server.jobs import housekeeping

TOKEN = "a-token-for-a-scraper"
METRICS = "http://localhost/metrics"
TEMPLATE = "/api/tickets/tickets/{id}"
# So many that they are still at it when the metrics are asked, on a busy machine too.
LOGINS = 8 * passwords.CORES


async def scrape(client: httpx.AsyncClient) -> Scrape:
    return Scrape((await client.get(METRICS)).raise_for_status().text)


def at(app, address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    """Somebody who connects from that address."""
    transport = httpx.ASGITransport(app=app, client=(address, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


async def test_it_is_text_for_prometheus(client):
    answer = await client.get(METRICS)

    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    assert "# TYPE http_request_duration_seconds histogram" in answer.text
    assert (await client.post(METRICS)).status_code == 405


async def test_a_request_is_counted_under_its_method_route_and_status(as_user, world):
    alice = as_user("alice")
    before = await scrape(alice)
    for _ in range(3):
        await alice.get(f"/tickets/tickets/{world.printer}/")
    await alice.get(f"/tickets/tickets/{world.other_ticket}/")
    await alice.head(f"/tickets/tickets/{world.printer}/")

    after = await scrape(alice)

    def more(**labels: str) -> float:
        return after.requests(route=TEMPLATE, **labels) - before.requests(route=TEMPLATE, **labels)

    assert more(method="GET", status="200") == 3
    assert more(method="GET", status="404") == 1
    assert more(method="HEAD", status="200") == 1


async def test_the_histogram_tells_how_long_requests_took(client):
    await client.get("http://localhost/healthz")

    found = await scrape(client)

    labels = {"method": "GET", "route": "/healthz", "status": "200"}
    name = "http_request_duration_seconds"
    assert 0 < (found.value(f"{name}_sum", **labels) or 0) < 60
    assert found.value(f"{name}_bucket", **labels, le="+Inf") == found.requests(**labels)


async def test_what_a_caller_makes_up_becomes_no_label(client):
    await client.get("http://localhost/no/such/path")
    await client.get("/tickets/nothing/17/")
    await client.request("BREW", "http://localhost/healthz")
    await client.get("http://localhost/healthz", headers={"Host": "elsewhere.example"})
    await client.get("/tickets/tickets/", headers={"Host": "elsewhere.example"})

    found = await scrape(client)

    name = "http_request_duration_seconds_count"
    assert found.requests(route="unmatched", status="404") >= 2
    assert found.requests(route="unmatched", status="400") >= 1
    assert found.requests(method="other") >= 1
    assert not [label for label in found.labels(name, "route") if re.search(r"\d|nothing", label)]
    assert "BREW" not in found.labels(name, "method")


async def test_no_metric_names_a_tenant_a_person_or_a_thing_of_theirs(as_user, world):
    for path in ("tickets", "companies", "projects", "users"):
        await as_user("alice").get(f"/tickets/{path}/")
    await as_user("alice").get("/tickets/tickets/?search=printer")

    told = (await as_user("alice").get(METRICS)).text.lower()

    for word in ("desk", "acme", "alice", "printer", "example.com"):
        assert word not in told


async def test_requests_in_flight_are_those_not_yet_answered(as_user, world):
    alice = as_user("alice")
    async with somebody_else() as other:
        await other.execute(f"SELECT FROM ticket WHERE id = {world.printer} FOR UPDATE")
        waiting = asyncio.create_task(
            alice.patch(f"/tickets/tickets/{world.printer}/", json={"name": "Copier"})
        )
        await asyncio.sleep(0.3)
        meanwhile = await scrape(alice)

    assert (await waiting).status_code == 200
    # The scrape itself is one of them.
    assert meanwhile.value("http_requests_in_flight") == 2
    assert (await scrape(alice)).value("http_requests_in_flight") == 1


async def test_the_pool_tells_its_size_and_what_of_it_is_in_use(client):
    async with DB.transaction():
        found = await scrape(client)

    assert found.value("db_pool_limit") == 12
    assert (found.value("db_pool_connections", state="in_use") or 0) >= 1
    assert found.value("db_pool_connections", state="idle") is not None
    assert found.value("db_pool_waiting") == 0
    assert found.value("db_replica_pool_limit") == 0


async def test_a_wait_for_a_connection_that_is_in_vain_is_told(client, monkeypatch):
    monkeypatch.setattr(turnstile, "PATIENCE_SECONDS", 0.2)
    before = await scrape(client)
    taken = [await DB.lender.acquire() for _ in range(DB.pool.get_max_size())]
    waiting = asyncio.create_task(execute(Sql("SELECT 1")))
    await asyncio.sleep(0.05)
    meanwhile = await scrape(client)
    with pytest.raises(TimeoutError):
        await waiting
    for connection in taken:
        await DB.lender.release(connection)

    after = await scrape(client)

    assert meanwhile.value("db_pool_waiting") == 1
    assert meanwhile.value("db_pool_connections", state="idle") == 0
    for name in ("db_pool_timeouts_total", "db_pool_wait_seconds_count"):
        assert (after.value(name) or 0) - (before.value(name) or 0) == 1


async def test_a_password_is_counted_and_the_queue_before_it_told(client, world, monkeypatch):
    before = await scrape(client)
    credentials = {"username": "alice", "password": PASSWORD}
    logins = [
        asyncio.create_task(client.post("/tickets/auth/login/", json=credentials))
        for _ in range(LOGINS)
    ]
    while not passwords.waiting():
        await asyncio.sleep(0.001)
    meanwhile = await scrape(client)
    answers = await asyncio.gather(*logins)
    monkeypatch.setattr(passwords, "LONGEST_QUEUE", -1)
    assert (await client.post("/tickets/auth/login/", json=credentials)).status_code == 503

    after = await scrape(client)

    def more(name: str) -> float:
        return (after.value(name) or 0) - (before.value(name) or 0)

    assert {answer.status_code for answer in answers} == {200}
    assert 1 <= (meanwhile.value("argon2_running") or 0) <= passwords.CORES
    assert (meanwhile.value("argon2_waiting") or 0) >= 0
    assert after.value("argon2_running") == after.value("argon2_waiting") == 0
    assert more("argon2_duration_seconds_count") == len(logins)
    assert more("argon2_wait_seconds_count") == len(logins)
    assert more("argon2_refused_total") == 1


async def test_a_background_job_tells_its_runs_and_failures(client, tmp_path, monkeypatch):
    before = await scrape(client)
    monkeypatch.setattr(housekeeping, "EVERY_SECONDS", 0.01)
    keeping = asyncio.create_task(housekeeping.keep_house(LocalDirectory(tmp_path)))
    await asyncio.sleep(0.5)
    good = await scrape(client)
    await execute(Sql("ALTER TABLE throttle RENAME TO mislaid"))
    await asyncio.sleep(0.5)
    await execute(Sql("ALTER TABLE mislaid RENAME TO throttle"))
    keeping.cancel()

    bad = await scrape(client)

    def value(found: Scrape, name: str) -> float:
        return found.value(f"background_job_{name}", name="housekeeping") or 0

    assert value(good, "runs_total") > value(before, "runs_total")
    assert value(good, "failures_total") == value(before, "failures_total")
    assert value(good, "duration_seconds_count") > 0
    assert value(bad, "failures_total") > value(good, "failures_total")
    assert value(bad, "last_success_timestamp_seconds") >= value(
        good, "last_success_timestamp_seconds"
    )
    assert value(good, "last_success_timestamp_seconds") > 1_700_000_000


async def test_the_process_tells_its_memory_and_processor_time(client):
    found = await scrape(client)

    assert (found.value("process_resident_memory_bytes") or 0) > 1e6
    assert (found.value("process_cpu_seconds_total") or 0) > 0
    assert (found.value("process_open_fds") or 0) > 0


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_without_a_token_this_machine_may_read(app, empty_database, address):
    async with at(app, address) as client:
        assert (await client.get("/metrics")).status_code == 200


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.7", "::ffff:10.0.0.7", "2001:db8::1"])
async def test_without_a_token_there_is_nothing_for_others(app, empty_database, address):
    async with at(app, address) as client:
        refused = await client.get("/metrics")

    assert refused.status_code == 404
    assert refused.json() == {"detail": "Not found."}


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=203.0.113.7"},
        {"X-Real-IP": "203.0.113.7"},
        {"X-Forwarded-Host": "desk.example.com"},
        {"Via": "1.1 proxy"},
        {"Host": "tickets.example.com"},
        {"Host": "evil.example"},
    ],
)
async def test_a_proxy_or_a_page_on_this_machine_opens_it_to_nobody(app, empty_database, headers):
    async with at(app, **headers) as client:
        assert (await client.get("/metrics")).status_code == 404


async def test_a_trusted_proxy_on_this_machine_opens_it_to_nobody(empty_database):
    app = make_app(TRUSTED_PROXIES="127.0.0.1")
    for forwarded in ("203.0.113.7", "127.0.0.1", "nowhere"):
        async with at(app, **{"X-Forwarded-For": forwarded}) as client:
            assert (await client.get("/metrics")).status_code == 404


async def test_with_a_token_whoever_has_it_may_read_under_any_name(empty_database):
    app = make_app(METRICS_TOKEN=TOKEN)
    right = {"Authorization": f"Bearer {TOKEN}", "Host": "10.0.0.7:8000"}

    async with at(app, "203.0.113.7", **right) as client:
        assert (await client.get("/metrics")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer another-token-for-it"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer "},
    ],
)
async def test_with_a_token_nobody_else_may_not_even_from_here(empty_database, headers):
    async with at(make_app(METRICS_TOKEN=TOKEN), **headers) as client:
        refused = await client.get("/metrics")

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_a_superusers_token_is_no_token_for_metrics(as_user):
    bearer = as_user("root").headers["Authorization"]
    async with at(make_app(METRICS_TOKEN=TOKEN), Authorization=bearer) as client:
        assert (await client.get("/metrics")).status_code == 401
