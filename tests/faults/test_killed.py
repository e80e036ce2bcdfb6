"""Killed without warning, again and again, while people write: what was acknowledged stays."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import pytest

from tests.faults import processes
from tests.faults.extent import rounds
from tests.faults.ledger import Ledger, half_done, superfluous_files
from tests.faults.patience import wait_until
from tests.faults.writers import Writers
from tests.operations.conftest import Server, environment
from ticketing_server.core.postgres import EmbeddedPostgres

WRITING_SECONDS = 1.0
# Of twenty rounds in which a server and its workers start anew: each imports for a second or two.
STARTING_SECONDS = 165
# Loses what was committed in the last ten seconds when all of PostgreSQL is killed.
CARELESS = [
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET wal_writer_delay = '10s'",
    "ALTER SYSTEM SET wal_writer_flush_after = '1GB'",
    "SELECT pg_reload_conf()",
]
Start = Callable[..., Server]


def write_on(ledger: Ledger) -> None:
    """Until a good deal more is acknowledged than before."""
    before = len(ledger)
    time.sleep(WRITING_SECONDS)
    wait_until(lambda: len(ledger) >= before + 5, "nothing is acknowledged")


def recovery(ledger: Ledger, killed: float) -> float:
    """Seconds from then until a change was begun that is acknowledged."""
    wait_until(lambda: ledger.latest > killed, "nothing is acknowledged any more")
    return ledger.latest - killed


async def assert_whole(ledger: Ledger, dsn: str, media: Path) -> None:
    """Nothing acknowledged is missing, nothing is half there, and nobody was told of a bug."""
    assert await ledger.missing(dsn) == []
    assert await half_done(dsn, media) == []
    assert ledger.wrong == []


async def assert_tidy(dsn: str, media: Path, settings: dict[str, str]) -> None:
    """The next day no file is left that no row names."""
    subprocess.run(
        [sys.executable, "-m", "tests.faults.sweeping"],
        env=environment(**{**settings, "DATABASE_URL": dsn, "DATA_DIR": str(media.parent)}),
        check=True,
    )
    assert await superfluous_files(dsn, media) == []


def told(ledger: Ledger, recoveries: list[float]) -> dict[str, Any]:
    """For the table."""
    return {
        "rounds": len(recoveries),
        "acknowledged": len(ledger),
        "lost": 0,
        "errors": 0,
        "recovery": f"{median(recoveries):.1f} s, at most {max(recoveries):.1f}",
    }


async def test_killing_a_worker_loses_nothing(
    start: Start, settings: dict[str, str], ledger: Ledger, tmp_path: Path, note: Any
) -> None:
    server, media = start("--workers", "2", **settings), tmp_path / "data/media"
    recoveries: list[float] = []

    for number in rounds():
        both = workers_of(server, 2)
        with Writers(server, ledger):
            write_on(ledger)
            processes.kill(both[number % 2 :][:1])
            killed = time.monotonic()
            recoveries.append(recovery(ledger, killed))
        await assert_whole(ledger, settings["DATABASE_URL"], media)
    workers_of(server, 2)
    await assert_tidy(settings["DATABASE_URL"], media, settings)
    note("kill -9 of a worker of two", **told(ledger, recoveries))


def workers_of(server: Server, count: int) -> list[int]:
    """As many as there should be; one that was killed is replaced."""
    wait_until(lambda: len(processes.workers(server.process.pid)) == count, "one is not replaced")
    return processes.workers(server.process.pid)


async def test_killing_the_whole_server_loses_nothing(
    start: Start, embedded: EmbeddedPostgres, ledger: Ledger, tmp_path: Path, note: Any
) -> None:
    media = tmp_path / "data/media"
    recoveries: list[float] = []
    server = start("--workers", "2", AUTH_RATE_LIMIT="off")
    for _ in rounds(seconds=STARTING_SECONDS):
        with Writers(server, ledger):
            write_on(ledger)
            processes.kill(processes.server_processes(server.process.pid))
        server.stop()
        began = time.monotonic()
        server = start("--workers", "2", AUTH_RATE_LIMIT="off")
        recoveries.append(time.monotonic() - began)
        embedded.start()
        await assert_whole(ledger, embedded.dsn, media)

    secret = (tmp_path / "data/secret.key").read_text().strip()
    await assert_tidy(embedded.dsn, media, {"SECRET_KEY": secret})
    note("kill -9 of the whole server, embedded database", **told(ledger, recoveries))


async def test_killing_the_embedded_database_loses_nothing_and_it_comes_back_by_itself(
    start: Start, embedded: EmbeddedPostgres, ledger: Ledger, tmp_path: Path, note: Any
) -> None:
    server, media = start(AUTH_RATE_LIMIT="off"), tmp_path / "data/media"
    embedded.start()
    dsn = embedded.dsn
    recoveries: list[float] = []

    for _ in rounds():
        with Writers(server, ledger):
            write_on(ledger)
            processes.kill(processes.database_processes(tmp_path / "data"))
            killed = time.monotonic()
            recoveries.append(recovery(ledger, killed))
        await assert_whole(ledger, dsn, media)
    secret = (tmp_path / "data/secret.key").read_text().strip()
    await assert_tidy(dsn, media, {"SECRET_KEY": secret})
    note("kill -9 of the embedded database", **told(ledger, recoveries))


async def test_killing_a_database_of_ones_own_loses_nothing(
    start: Start,
    postgres: EmbeddedPostgres,
    settings: dict[str, str],
    ledger: Ledger,
    tmp_path: Path,
    note: Any,
) -> None:
    server, media = start(**settings), tmp_path / "data/media"
    recoveries: list[float] = []

    for _ in rounds():
        with Writers(server, ledger):
            write_on(ledger)
            processes.kill(processes.database_processes(tmp_path / "elsewhere"))
            postgres.start()
            recoveries.append(recovery(ledger, time.monotonic()))
        await assert_whole(ledger, postgres.dsn, media)
    await assert_tidy(postgres.dsn, media, settings)
    note("kill -9 of an external database", **told(ledger, recoveries))


async def test_a_database_that_acknowledges_too_early_is_found_out(
    start: Start,
    postgres: EmbeddedPostgres,
    settings: dict[str, str],
    ledger: Ledger,
    tmp_path: Path,
    note: Any,
) -> None:
    """The control: the ledger sees losses where there are some."""
    connection = await asyncpg.connect(postgres.dsn)
    for statement in CARELESS:
        await connection.execute(statement)
    await connection.close()
    server = start(**settings)

    with Writers(server, ledger):
        write_on(ledger)
        processes.kill(processes.database_processes(tmp_path / "elsewhere"))
    postgres.start()

    lost = await ledger.missing(postgres.dsn)
    assert lost
    note("control: synchronous_commit = off", rounds=1, acknowledged=len(ledger), lost=len(lost))


def test_workers_do_not_outlive_the_process_that_watches_over_them(
    start: Start, settings: dict[str, str]
) -> None:
    server = start("--workers", "2", **settings)
    orphans = workers_of(server, 2)

    os.kill(server.process.pid, signal.SIGKILL)

    wait_until(lambda: not any(map(processes.is_alive, orphans)), "a worker lives on")


pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
