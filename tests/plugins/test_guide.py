"""`plugins/README.md` says everything there is, and what it says to type works."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from ticketing_server import plugins
from ticketing_server.conformance.imports import foreign_imports
from ticketing_server.tables import TABLES

PLUGINS = Path(__file__).parents[2] / "plugins"
GUIDE = (PLUGINS / "README.md").read_text(encoding="utf-8")
COPY = re.search(r"```bash\n(NAME=.*?)```", GUIDE, flags=re.DOTALL)
PROMISED = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| `([\w, ]+)` \|$", GUIDE, flags=re.MULTILINE)


@pytest.mark.parametrize("name", plugins.__all__)
def test_every_public_name_is_told(name):
    assert re.search(rf"\b{name}\b", GUIDE)


@pytest.mark.parametrize("struct", [plugins.Plugin, plugins.Widget], ids=lambda kind: kind.__name__)
def test_every_field_of_the_contract_is_told(struct):
    assert [name for name in struct.__struct_fields__ if f"`{name}`" not in GUIDE] == []


def test_the_columns_that_are_promised_are_there():
    known = {
        table._meta.tablename: {column._meta.db_column_name for column in table._meta.columns}
        for table in TABLES
    }
    promised = {
        table: set(columns.split(", "))
        for tables, columns in PROMISED
        for table in re.findall(r"\w+", tables)
    }

    assert len(promised) > 10
    assert {table: columns - known[table] for table, columns in promised.items()} == {
        table: set() for table in promised
    }


@pytest.mark.parametrize("package", ["sla_watch", "stale_tickets"])
def test_our_plugins_use_public_names_alone(package):
    import_module(package)

    assert foreign_imports(package) == []


@pytest.fixture
def copied(tmp_path):
    """The template under a name of its own, as the guide has it copied."""
    assert COPY
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run(["bash", "-euc", COPY[1]], cwd=PLUGINS.parent, env=environment, check=True)
    project = tmp_path / "open-by-priority"
    shutil.rmtree(project / "tests" / "__pycache__", ignore_errors=True)
    return project


def installed(project):
    """The environment in which the project is installed, without asking an index for a builder."""
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    metadata = project / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n"
    )
    (metadata / "entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
            for group, entries in about["entry-points"].items()
        )
    )
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(project), *sys.path])}


def run(project, environment, *command):
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_names_of_the_template_stand_in_the_first_line_of_the_copy_alone(copied):
    files = [path for path in copied.rglob("*") if path.is_file()]

    assert {path.name for path in files} >= {"pyproject.toml", "test_open_by_priority.py"}
    assert [path for path in files if re.search(r"my.plugin", path.read_text() + path.name)] == []


def test_a_copy_of_the_template_passes_the_check_and_its_own_tests(copied):
    environment = installed(copied)

    checked = run(copied, environment, "ticketing_server", "plugins", "check", "open-by-priority")
    tested = run(copied, environment, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "FAULT" not in checked.stdout
    assert "open-by-priority: answers user" in checked.stdout
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "2 passed" in tested.stdout
