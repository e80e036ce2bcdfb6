"""Data directories in which PostgreSQL was started before: one takes seconds, a copy none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ticketing_server.core.postgres import EmbeddedPostgres

MIGRATE = [sys.executable, "-m", "ticketing_server", "migrate"]


@pytest.fixture(scope="session")
def started_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a database in which there is nothing; not running."""
    directory = tmp_path_factory.mktemp("clusters") / "started"
    with EmbeddedPostgres(directory, durable=False):
        return directory


@pytest.fixture(scope="session")
def migrated_once(started_once: Path) -> Path:
    """With all our tables, and nothing in them; not running."""
    directory = started_once.with_name("migrated")
    copy_cluster(started_once, directory)
    with EmbeddedPostgres(directory, durable=False) as postgres:
        environment = {
            "PATH": os.defpath,
            "DATABASE_URL": postgres.dsn,
            "SECRET_KEY": "a secret that is long enough for anybody",
        }
        subprocess.run(MIGRATE, cwd=directory, env=environment, check=True, capture_output=True)
    return directory


def copy_cluster(stopped: Path, place: Path) -> None:
    """With its owner, who need not be who runs the tests."""
    subprocess.run(["cp", "-a", stopped, place], check=True)
