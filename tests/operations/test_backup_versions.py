"""A backup outlives its version: a later one reads it, and what a later one wrote is refused."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import asyncpg
import pytest
from piccolo.conf.apps import AppConfig
from piccolo.table import Table

from tests.conftest import create_database, database_url
from tests.operations.conftest import SECRET, environment, run
from tests.operations.test_backup_refusals import ACCOUNT, ATTACHED, asked, refused
from tests.world import stored_tables
from ticketing_server.backup import contents
from ticketing_server.database import APP_REGISTRY

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


async def test_whoever_owns_the_database_restores_into_it(backup, tmp_path):
    """As on a rented server, where nobody is PostgreSQL's superuser."""
    owner = f"owner_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    cluster = await asyncpg.connect(await create_database(f"of_{owner}"))
    await cluster.execute(f"DROP ROLE IF EXISTS {owner}")
    await cluster.execute(f"CREATE ROLE {owner} LOGIN PASSWORD 'owner'")
    await cluster.execute(f"ALTER DATABASE of_{owner} OWNER TO {owner}")
    await cluster.close()
    place = database_url(f"of_{owner}").partition("@")[2]
    settings = {"DATABASE_URL": f"postgresql://{owner}:owner@{place}", "SECRET_KEY": SECRET}

    restored = run("restore", "x.zip", cwd=tmp_path, **settings)
    again = run("backup", "y.zip", cwd=tmp_path, **settings)

    assert (restored.status, restored.err, again.status) == (0, "", 0)
    assert tables_of(tmp_path / "y.zip") == tables_of(tmp_path / "x.zip")


def tables_of(path):
    """But for the audit log, which tells that it was restored."""
    told = {"tables/audit_entry.copy", "tables/audit_count.copy"}
    with zipfile.ZipFile(path) as archive:
        tables = {name for name in archive.namelist() if name.startswith("tables/")}
        return {name: archive.read(name) for name in tables - told}


class Shelf(Table):
    pass


def test_the_tables_of_plugins_are_carried_too(monkeypatch):
    app = AppConfig(app_name="shelf", migrations_folder_path="", table_classes=[Shelf])
    known = {table._meta.tablename for table in stored_tables()}

    monkeypatch.setitem(APP_REGISTRY.app_configs, "shelf", app)

    carried = {table.name for table in contents.carried()}
    left_out = {
        "admin_session", "idempotent_answer", "project_change", "throttle", "unclaimed_file",
    }  # fmt: skip
    assert carried == known - left_out | {"shelf"}
