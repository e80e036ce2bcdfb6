"""A backup outlives its version: a later one reads it, and what a later one wrote is refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.conftest import environment, run
from tests.operations.test_backup_refusals import ACCOUNT, ATTACHED, asked, refused

ROOT = Path(__file__).parents[2]
# What a later version might do: move data, and refuse what was allowed.
LATER = """
from typing import cast
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from ticketing_server.core.db import DB

ID = "2031-01-01T00:00:00:000000"

async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="ticketing_server", description="")
    manager.add_raw(run)
    return manager

async def run():
    connection = DB.current_transaction.get().connection
    await connection.execute("UPDATE ticket SET name = upper(name)")
    await connection.execute("ALTER TABLE ticket ADD CHECK (name = upper(name))")
    await connection.execute("CREATE TABLE later (id bigserial)")
"""


@pytest.fixture
def later(tmp_path):
    """Runs a command of a later version: the same checkout with one more migration."""
    checkout = tmp_path / "later"
    for part in ("ticketing_server", "piccolo_migrations"):
        shutil.copytree(ROOT / part, checkout / part)
    (checkout / "piccolo_migrations" / "ticketing_server_2031.py").write_text(LATER)

    def later(*arguments, **settings):
        path = os.pathsep.join([str(checkout), *sys.path])
        return subprocess.run(
            [sys.executable, "-m", "ticketing_server", *arguments],
            cwd=tmp_path,
            env={**environment(**settings), "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    return later


@pytest.fixture
def backup(database, tmp_path):
    asked(database, ACCOUNT + ";" + ATTACHED, "execute")
    assert run("backup", "x.zip", cwd=tmp_path, **database).status == 0
    return tmp_path / "x.zip"


def test_a_later_version_restores_it_and_its_migrations_meet_the_old_data(backup, empty, later):
    restored = later("restore", "x.zip", **empty)

    assert (restored.returncode, restored.stderr) == (0, "")
    assert asked(empty, "SELECT name FROM ticket") == "PRINTER"
    assert asked(empty, "SELECT version FROM ticket") == 2
    assert later("migrate", **empty).returncode == 0


def test_a_backup_of_a_later_version_is_refused(backup, empty, later, tmp_path):
    assert later("restore", "x.zip", **empty).returncode == 0
    assert later("backup", "y.zip", **empty).returncode == 0

    said = refused("restore", "y.zip", cwd=tmp_path)

    assert "1 migrations of ticketing_server that are unknown here" in said


def test_a_later_version_backs_up_no_database_that_it_has_not_migrated(database, later, tmp_path):
    said = later("backup", "x.zip", **database)

    assert said.returncode == 1
    assert "not at the level of this version" in said.stderr
    assert list(tmp_path.glob("x.zip*")) == []


def test_an_older_backup_is_refused_where_a_later_version_has_migrated(backup, empty, later):
    assert later("migrate", **empty).returncode == 0

    said = later("restore", "x.zip", **empty)

    assert said.returncode == 1
    assert "already brought to a later version" in said.stderr
    assert asked(empty, "SELECT count(*) FROM account") == 0


def test_a_migrated_but_unused_server_of_the_same_version_counts_as_empty(backup, empty, tmp_path):
    assert run("migrate", cwd=tmp_path, **empty).status == 0

    assert run("restore", "x.zip", cwd=tmp_path, **empty).status == 0
    assert asked(empty, "SELECT count(*) FROM ticket") == 1
