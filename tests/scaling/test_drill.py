"""Two servers behind HAProxy, PgBouncer, a primary with its replica, S3; and half of it dies.

The steps are those of docs/scaling.md. `make scaling` prints what happened when.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.clusters import copy_cluster
from tests.faults import processes
from tests.faults.haproxy import haproxy
from tests.faults.ledger import HALVES, Ledger
from tests.faults.writers import Writers
from tests.operations.conftest import SECRET, Server
from tests.operations.standby import Standby, ask
from tests.s3 import S3
from tests.scaling.pgbouncer import PgBouncer, missing, say_for_every_session
from ticketing_server.core.postgres import EmbeddedPostgres

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

WRITING_SECONDS = 4.0
PATIENCE_SECONDS = 60
WAIT_FOR_THE_REPLICA = ["ALTER SYSTEM SET synchronous_standby_names = '*'"]
WAIT_NO_MORE = ["ALTER SYSTEM RESET synchronous_standby_names"]
RELOAD = "SELECT pg_reload_conf()"


class Site:
    """What clients know: one address."""

    def __init__(self, port: int) -> None:
        self._port = port

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self._port}/api/tickets", timeout=20)


@pytest.fixture
def told() -> Callable[[str], None]:
    began = time.monotonic()

    def tell(what: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {what}\n")

    return tell


async def test_neither_a_killed_server_nor_a_killed_primary_loses_what_was_acknowledged(
    directory: Path,
    migrated_once: Path,
    s3: S3,
    start: Callable[..., Server],
    told: Callable[[str], None],
) -> None:
    ledger, bucket = Ledger(), s3.new_bucket()
    copy_cluster(migrated_once, directory / "primary")
    primary = EmbeddedPostgres(directory / "primary")
    primary.start()
    await say_for_every_session(primary.dsn)
    replica = Standby(primary, directory / "replica")
    replica.start()
    await settings(primary.dsn, WAIT_FOR_THE_REPLICA)
    pooler = PgBouncer(primary.dsn, directory / "pgbouncer")
    told("a primary, its synchronous replica, and PgBouncer")

    common = {
        **s3.settings,
        "SECRET_KEY": SECRET,
        "AUTH_RATE_LIMIT": "off",
        "DATABASE_URL": pooler.dsn,
        "DATABASE_REPLICA_URL": replica.dsn,
        "MEDIA_URL": f"s3://{bucket}",
    }
    first, second = start(**common), start(**common)
    with haproxy(directory, first.port, second.port) as port, Writers(Site(port), ledger):
        told("two servers behind HAProxy, and people who write")
        write_on(ledger)

        killed = time.monotonic()
        processes.kill(processes.server_processes(first.process.pid))
        told(f"the first server is killed; acknowledged so far: {len(ledger)}")
        told(f"acknowledged again {recovery(ledger, killed):.1f} s after that")
        write_on(ledger)

        killed = time.monotonic()
        processes.kill(processes.database_processes(directory / "primary"))
        told(f"the primary is killed; acknowledged so far: {len(ledger)}")
        await settings(replica.dsn, WAIT_NO_MORE)
        assert await ask(replica.dsn, "SELECT pg_promote()")
        pooler.point_to(replica.dsn)
        told("the replica is promoted, and PgBouncer points to it")
        told(f"acknowledged again {recovery(ledger, killed):.1f} s after the primary was killed")
        write_on(ledger)

    told(f"acknowledged {len(ledger)}, answers {dict(ledger.answers)}")
    assert await ledger.missing(replica.dsn) == []
    assert await half_done(replica.dsn) == []
    assert await files(replica.dsn) <= set(s3.objects(bucket))
    assert ledger.wrong == []
    pooler.stop()
    replica.stop()
    primary.stop()
    told("nothing that was acknowledged is missing, nothing is there by half")


def write_on(ledger: Ledger) -> None:
    before = len(ledger)
    time.sleep(WRITING_SECONDS)
    assert len(ledger) > before


def recovery(ledger: Ledger, killed: float) -> float:
    """Seconds from then until a change was begun that is acknowledged."""
    while ledger.latest <= killed:
        assert time.monotonic() < killed + PATIENCE_SECONDS
        time.sleep(0.01)
    return ledger.latest - killed


async def settings(dsn: str, changes: list[str]) -> None:
    for change in [*changes, RELOAD]:
        await ask(dsn, change)


async def half_done(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [
            f"{what}: {row[0]}"
            for what, statement in HALVES.items()
            for row in await connection.fetch(statement)
        ]
    finally:
        await connection.close()


async def files(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return {row["path"] for row in await connection.fetch("SELECT path FROM attachment")}
    finally:
        await connection.close()
