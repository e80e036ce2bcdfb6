"""Reads from a streaming replica tell what the primary would have told (core/db/replica.py)."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clusters import copy_cluster
from tests.operations.conftest import SECRET
from tests.operations.standby import Standby, ask
from tests.operations.test_serving import register
from tests.scrape import Scrape
from ticketing_server.core.db.replica import PAUSE_SECONDS
from ticketing_server.core.postgres import EmbeddedPostgres

PAUSE, GO_ON = "SELECT pg_wal_replay_pause()::text", "SELECT pg_wal_replay_resume()::text"
PROMOTE = "SELECT pg_promote()"


@pytest.fixture
def primary(migrated_once: Path, directory: Path) -> Iterator[EmbeddedPostgres]:
    copy_cluster(migrated_once, directory / "primary")
    with EmbeddedPostgres(directory / "primary") as running:
        yield running


@pytest.fixture
def replica(primary: EmbeddedPostgres, directory: Path) -> Iterator[Standby]:
    standby = Standby(primary, directory / "standby")
    standby.start()
    yield standby
    standby.stop()


@pytest.fixture
def serve(start: Any, primary: EmbeddedPostgres, replica: Standby) -> Callable[[], httpx.Client]:
    def serve() -> httpx.Client:
        urls = {"DATABASE_URL": primary.dsn, "DATABASE_REPLICA_URL": replica.dsn}
        return start(SECRET_KEY=SECRET, AUTH_RATE_LIMIT="off", **urls).client()

    return serve


class Desk:
    """Ana's project, from her own side."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.headers = register(client)
        self.column = client.get("/columns/", headers=self.headers).json()[0]["id"]

    def write(self, name: str) -> int:
        new = {"name": name, "column": self.column}
        written = self.client.post("/tickets/", headers=self.headers, json=new)
        return written.raise_for_status().json()["id"]

    def names(self, client: httpx.Client | None = None) -> list[str]:
        """Of the newest tickets, by any server."""
        found = (client or self.client).get("/tickets/", headers=self.headers)
        return [ticket["name"] for ticket in found.raise_for_status().json()["results"]]


@pytest.fixture
def desk(serve) -> Iterator[Desk]:
    with serve() as client:
        yield Desk(client)


async def test_a_replica_that_is_not_behind_reads(desk, primary, replica):
    desk.write("Printer")
    await replica.catch_up(primary)

    assert desk.names() == ["Printer"]
    assert await replica.has_read()


async def test_metrics_tell_how_much_of_the_replica_is_used(desk, primary, replica):
    await replica.catch_up(primary)
    desk.names()

    found = Scrape(desk.client.get(desk.client.base_url.join("/metrics")).text)

    assert found.value("db_replica_pool_limit") == found.value("db_pool_limit") == 10
    assert (found.value("db_replica_pool_connections", state="idle") or 0) >= 1
    assert found.value("db_replica_pool_connections", state="in_use") == 0


async def test_what_somebody_has_written_they_read_at_once_however_far_the_replica_is(
    desk, serve, primary, replica
):
    await replica.catch_up(primary)
    await ask(replica.dsn, PAUSE)
    ticket = desk.write("Printer")

    with serve() as another:
        assert desk.names() == desk.names(another) == ["Printer"]
        told = another.get(f"/tickets/{ticket}/", headers=desk.headers)
    assert (told.status_code, told.json()["name"]) == (200, "Printer")
    assert not await replica.has_read()


async def test_on_two_servers_in_turns_nobody_ever_misses_a_ticket(desk, serve):
    with serve() as another:
        for number in range(60):
            desk.write(f"Ticket {number}")
            assert desk.names((another, desk.client)[number % 2])[0] == f"Ticket {number}"


async def test_a_session_that_has_ended_is_refused_though_the_replica_has_not_heard_of_it(
    desk, primary, replica
):
    await replica.catch_up(primary)
    assert desk.names() == []
    await ask(replica.dsn, PAUSE)
    await ask(primary.dsn, "UPDATE account SET token_epoch = token_epoch + 1 RETURNING 1")

    assert desk.client.get("/tickets/", headers=desk.headers).status_code == 401


async def test_without_its_replica_the_primary_reads_and_the_replica_again_when_it_is_back(
    desk, primary, replica
):
    desk.write("Printer")
    replica.stop()
    assert desk.names() == ["Printer"]

    replica.start()
    await replica.catch_up(primary)
    await asyncio.sleep(PAUSE_SECONDS)  # until then it is not looked for again

    assert desk.names() == ["Printer"]
    assert await replica.has_read()


async def test_a_replica_that_was_promoted_is_not_read(desk, primary, replica):
    await replica.catch_up(primary)
    assert await ask(replica.dsn, PROMOTE)
    desk.write("Printer")

    assert desk.names() == ["Printer"]
    assert not await replica.has_read()
