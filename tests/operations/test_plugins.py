"""Plugins with tables, and the commands that speak of plugins, as an operator sees them."""

import os
from pathlib import Path

import pytest

from tests.operations.conftest import environment, run
from tests.plugins.conftest import GOOD, Site

TABLES = """
from piccolo.columns import BigSerial, Varchar
from piccolo.table import Table
from ticketing_server.plugins import DB

class Note(Table, tablename="noting_note", db=DB):
    id = BigSerial(primary_key=True)
    text = Varchar(default="from a plugin")
"""
APP = """
from pathlib import Path
from piccolo.conf.apps import AppConfig
from noting.tables import Note

APP_CONFIG = AppConfig(app_name="noting", table_classes=[Note],
    migrations_folder_path=str(Path(__file__).parent / "migrations"))
"""
MIGRATION = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from noting.tables import Note

ID = "2026-11-25T10:00:00:000000"

async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="noting", description="")
    manager.add_raw(run)
    return manager

async def run():
    await Note.create_table()
    await Note.raw("INSERT INTO noting_note (text) VALUES ('first')")
"""
PLUGIN = """
from ticketing_server.plugins import Out, Plugin, Scope, Sql, Stat, Widget, scalar

class Answer(Out):
    count: int

async def read(scope: Scope) -> Answer:
    return Answer(count=await scalar(Sql("SELECT count(*) FROM noting_note"), int))

plugin = Plugin(name="noting", api=1, piccolo_app="noting.piccolo_app", widgets=[
    Widget(slug="notes", title="Notes", description="Notes.", show=Stat(value="count"), read=read)])
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "site"
    (folder / "noting" / "migrations").mkdir(parents=True)
    metadata = folder / "noting-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: noting\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[ticketing_server.plugins]\nnoting = noting.plugin:plugin\n"
    )
    for name, source in {
        "__init__": "",
        "plugin": PLUGIN,
        "tables": TABLES,
        "piccolo_app": APP,
        "migrations/noting_2026_11_25t10_00": MIGRATION,
    }.items():
        (folder / "noting" / f"{name}.py").write_text(source)
    return folder


def installed(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(folder), environment()["PYTHONPATH"]])}


NEWCOMER = {
    "username": "ana",
    "email": "ana@example.com",
    "password": "correct horse battery",
    "password_confirm": "correct horse battery",
    "project_key": "HELP",
    "project_name": "Help desk",
}


def ask(server, *slugs):
    with server.client() as client:
        registered = client.post("/auth/register/", json=NEWCOMER).json()
        headers = {"Authorization": f"Bearer {registered['tokens']['access']}"}
        project = registered["project"]["id"]
        return [
            client.get(f"/dashboard/{slug}/?project={project}", headers=headers) for slug in slugs
        ]


def test_the_tables_of_a_plugin_are_made_with_ours_once(start, database, folder, tmp_path):
    settings = {**database, **installed(folder)}

    runs = [run("migrate", cwd=tmp_path, **settings) for _ in range(2)]
    (answer,) = ask(start(**settings), "notes")

    assert [done.out for done in runs] == ["The database is up to date.\n"] * 2
    assert answer.json() == {"count": 1}


def test_a_plugin_whose_migration_fails_leaves_nothing_and_stops_nobody(
    start, database, folder, tmp_path
):
    broken = MIGRATION.replace("VALUES ('first')", "VALUES ('first', 'second')")
    (folder / "noting" / "migrations" / "noting_2026_11_25t10_00.py").write_text(broken)
    settings = {**database, **installed(folder)}

    migrated = run("migrate", cwd=tmp_path, **settings)
    notes, newest = ask(start(**settings), "notes", "newest")

    assert migrated.status == 1
    assert migrated.out.startswith("The tables of the plugin noting could not be made: ")
    assert (notes.status_code, notes.json()["plugin"]) == (503, "noting")
    assert newest.json() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("piccolo_app", 'app_name="noting"', 'app_name="ours"', 'called "ours", not "noting"'),
        ("tables", '"noting_note"', '"ticket_note"', '"ticket_note" does not begin with "noting"'),
        ("piccolo_app", "APP_CONFIG", "CONFIG", "noting.piccolo_app has no APP_CONFIG"),
    ],
)
def test_tables_under_a_name_that_is_not_the_plugins_are_refused(
    database, folder, tmp_path, file, old, new, reason
):
    path = folder / "noting" / f"{file}.py"
    path.write_text(path.read_text().replace(old, new))

    listed = run("plugins", cwd=tmp_path, **database, **installed(folder))

    assert "NOT IN USE" in listed.out
    assert reason in listed.out


def test_plugins_lists_what_is_in_use_and_why_something_is_not(database, folder, tmp_path):
    Site(folder).install("1 / 0", name="broken")

    listed = run("plugins", cwd=tmp_path, **database, **installed(folder))

    assert listed.status == 0
    assert "company-health: Company health" in listed.out
    assert "noting 1.0 (noting)\n  notes: Notes\n" in listed.out
    assert "broken 2.5 (broken)\n  NOT IN USE: ZeroDivisionError: division by zero" in listed.out


def test_a_sound_plugin_passes_the_check(database, folder, tmp_path):
    checked = run("plugins", "check", "noting", cwd=tmp_path, **database, **installed(folder))

    assert checked.status == 0
    assert "ok    its migrations apply" in checked.out
    assert "ok    notes: answers manager" in checked.out
    assert "FAULT" not in checked.out


PEEPING = GOOD.replace("scope.tickets", "Sql('TRUE')")
CHATTY = GOOD.replace(
    "    counting =",
    "    for _ in range(await scalar(Sql('SELECT count(*) FROM ticket t WHERE {}', scope.tickets),"
    " int)):\n        await scalar(Sql('SELECT 1'), int)\n    counting =",
)
LYING = GOOD.replace("Answer(count=await scalar(counting, int))", "Answer(count='many')")
PRYING = "from ticketing_server.tickets import queries\n" + GOOD


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (PEEPING, "FAULT ticket-count: tells user nothing of what they cannot see"),
        (CHATTY, "statement(s) for superadmin, at any size: sends"),
        (LYING, "FAULT ticket-count: answers admin: Expected `int`, got `str`"),
        (PRYING, "FAULT imports nothing of the server but ticketing_server.plugins"),
        ("1 / 0", "FAULT is taken by the server: ZeroDivisionError"),
    ],
    ids=["peeping", "chatty", "lying", "prying", "broken"],
)
def test_the_check_finds_what_is_wrong(database, tmp_path, source, fault):
    folder = tmp_path / "site"
    folder.mkdir()
    Site(folder).install(source)

    checked = run("plugins", "check", "counting", cwd=tmp_path, **database, **installed(folder))

    assert checked.status == 1
    assert fault in checked.out


def test_the_check_of_a_package_that_is_not_there_says_so(database, tmp_path):
    checked = run("plugins", "check", "nowhere", cwd=tmp_path, **database)

    assert checked.status == 1
    assert checked.out == "FAULT is installed: no package or plugin is called nowhere\n"


def test_the_doctor_names_a_plugin_that_is_left_out_and_one_without_its_tables(
    database, folder, tmp_path
):
    settings = {**database, **installed(folder)}

    without_tables = run("doctor", cwd=tmp_path, **settings)
    run("migrate", cwd=tmp_path, **settings)
    sound = run("doctor", cwd=tmp_path, **settings)
    Site(folder).install("1 / 0", name="broken")
    broken = run("doctor", cwd=tmp_path, **settings)
    switched_off = run("doctor", cwd=tmp_path, **settings, PLUGINS_DISABLED="broken")

    assert "migrations of noting are not applied" in without_tables.out
    assert "plugin tables" not in sound.out
    assert "noting 1.0" in sound.out
    assert "broken is left out: ZeroDivisionError" in broken.out
    assert "broken" not in switched_off.out
    assert {done.status for done in (without_tables, sound, broken, switched_off)} == {0}
