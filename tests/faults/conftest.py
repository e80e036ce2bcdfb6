"""Real processes that are killed, starved and cut off; a table says what became of them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clusters import copy_cluster
from tests.faults.ledger import Ledger
from tests.operations.conftest import SECRET, database, start  # noqa: F401
from ticketing_server.core.postgres import EmbeddedPostgres

FAULT = "fault"
COLUMNS = ["fault", "rounds", "acknowledged", "lost", "errors", "recovery", "measured"]


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """`note("kill -9 of a worker", rounds=20, lost=0)`: a line of the table."""

    def note(fault: str, **found: object) -> None:
        record_property(
            FAULT, {FAULT: fault, **{name: str(value) for name, value in found.items()}}
        )

    return note


def pytest_terminal_summary(terminalreporter: Any) -> None:
    noted = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == FAULT and report.when == "call"
    ]
    if noted:
        terminalreporter.write_sep("=", "faults")
        for row in [dict(zip(COLUMNS, COLUMNS, strict=True)), *noted]:
            terminalreporter.write_line("| " + " | ".join(row.get(c, "") for c in COLUMNS) + " |")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def embedded(migrated_once: Path, tmp_path: Path) -> EmbeddedPostgres:
    """That of a server in `tmp_path`, which has been started there before; not running."""
    copy_cluster(migrated_once, tmp_path / "data")
    return EmbeddedPostgres(tmp_path / "data")


@pytest.fixture
def postgres(migrated_once: Path, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that a server is pointed at and does not look after; durable, as in earnest."""
    copy_cluster(migrated_once, tmp_path / "elsewhere")
    cluster = EmbeddedPostgres(tmp_path / "elsewhere")
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def settings(postgres: EmbeddedPostgres) -> dict[str, str]:
    """Of a server on that PostgreSQL."""
    return {"DATABASE_URL": postgres.dsn, "SECRET_KEY": SECRET, "AUTH_RATE_LIMIT": "off"}
