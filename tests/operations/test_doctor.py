"""`doctor`: each fault by its name, what to do about it, and 1 when the server cannot run so."""

import datetime as dt
import os
import shutil

import asyncpg
import pytest

from tests.conftest import CLUSTER, create_database, database_url, make_settings
from tests.operations.conftest import SECRET, run
from tests.operations.test_backup_refusals import ACCOUNT, ATTACHED, FILE, asked
from ticketing_server.doctor import Level, directories, server

SUPERUSER = ACCOUNT + "; UPDATE account SET superuser = true, active = true;"
LATER = "INSERT INTO migration (name, app_name) VALUES ('2031-01-01', 'ticketing_server')"
OVERDUE = "INSERT INTO unclaimed_file (path, due_at) VALUES ('a', now() - interval '2 hours')"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def examined(settings, cwd):
    """Exit status, and what was found by name: the mark and the whole text."""
    done = run("doctor", cwd=cwd, **settings)
    assert done.err == ""
    found, name = {}, ""
    for line in done.out.splitlines():
        if line.startswith(" "):
            found[name] = (found[name][0], found[name][1] + line)
            continue
        mark, told = line.split(maxsplit=1)
        name = told.partition(":")[0]
        found[name] = (mark, told)
    return done.status, found


def faults(found):
    return {name: mark for name, (mark, _) in found.items() if mark != "ok"}


def test_a_sound_installation_is_found_sound(database, tmp_path):
    asked(database, SUPERUSER, "execute")

    status, found = examined(database, tmp_path)

    assert (status, faults(found)) == (0, {})
    assert {"settings", "data directory", "disk", "database", "migrations", "files"} <= set(found)


def test_what_is_not_there_yet_is_no_fault_and_is_not_made(tmp_path):
    status, found = examined({}, tmp_path)

    assert (status, faults(found)) == (0, {})
    assert found["database"][1] == "database: not there yet: `serve` makes it"
    assert not (tmp_path / "data" / "postgres").exists()


def test_settings_that_are_unwise_are_warnings(database, tmp_path):
    unwise = {
        "DEBUG": "true",
        "AUTH_RATE_LIMIT": "off",
        "SECRET_KEY": "abcd" * 8,
        "ALLOWED_HOSTS": "localhost",
        "MEDIA_URL_BASE": "https://files.example.com/media",
    }

    status, found = examined({**database, **unwise}, tmp_path)

    assert status == 0
    assert set(faults(found).values()) == {"warning"}
    named = {"DEBUG", "AUTH_RATE_LIMIT", "SECRET_KEY", "MEDIA_URL_BASE", "superuser"}
    assert set(faults(found)) == named
    assert "create-superuser" in found["superuser"][1]


def test_any_host_and_a_secret_that_others_can_read_are_warnings(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret.key").write_text(SECRET)

    _, found = examined({"ALLOWED_HOSTS": "*"}, tmp_path)

    assert faults(found) == {"ALLOWED_HOSTS": "warning", "secret key": "warning"}
    assert "chmod 600" in found["secret key"][1]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ticketing:password@127.0.0.1:1/x",
        os.environ.get(CLUSTER, "").replace("ticketing:", "ticketing:wrong"),
    ],
)
def test_a_database_that_does_not_let_us_in_is_fatal(database, tmp_path, address):
    status, found = examined({**database, "DATABASE_URL": address}, tmp_path)

    assert (status, faults(found)) == (1, {"database": "fatal"})
    assert "Check DATABASE_URL" in found["database"][1]


def test_pending_migrations_are_fatal(empty, tmp_path):
    status, found = examined(empty, tmp_path)

    assert (status, faults(found)) == (1, {"migrations": "fatal"})
    assert "ticketing-server migrate" in found["migrations"][1]


def test_a_database_of_a_later_version_is_fatal(database, tmp_path):
    asked(database, LATER, "execute")

    status, found = examined(database, tmp_path)

    assert (status, faults(found)) == (1, {"migrations": "fatal"})
    assert "later version" in found["migrations"][1]


async def test_an_encoding_that_does_not_hold_every_script_is_fatal(tmp_path):
    options = "template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
    address = await create_database(f"ascii_{WORKER}", template=options)

    status, found = examined({"DATABASE_URL": address, "SECRET_KEY": SECRET}, tmp_path)

    assert (status, found["encoding"][0]) == (1, "fatal")


async def test_a_user_who_may_make_no_tables_is_told_what_to_grant(database, tmp_path):
    user = f"guest_{WORKER}"
    cluster = await asyncpg.connect(os.environ[CLUSTER])
    await cluster.execute(f"DROP ROLE IF EXISTS {user}; CREATE ROLE {user} LOGIN PASSWORD 'guest'")
    await cluster.close()
    address = database_url("").partition("@")[2]
    name = database["DATABASE_URL"].rpartition("/")[2].partition("?")[0]
    guest = f"postgresql://{user}:guest@{address.replace('/?', f'/{name}?')}"

    status, found = examined({**database, "DATABASE_URL": guest}, tmp_path)

    assert (status, faults(found)) == (1, {"rights": "fatal", "migrations": "fatal"})
    assert "GRANT CREATE" in found["rights"][1]
    assert "must own the tables" in found["migrations"][1]


def test_media_that_cannot_be_written_are_fatal(database, tmp_path):
    asked(database, SUPERUSER, "execute")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "media").write_text("in the way")

    status, found = examined(database, tmp_path)

    assert (status, faults(found)) == (1, {"media directory": "fatal"})


def test_rows_without_a_file_and_work_that_nobody_does_are_warnings(database, tmp_path):
    asked(database, f"{SUPERUSER};{ATTACHED};{OVERDUE}", "execute")

    status, found = examined(database, tmp_path)

    assert (status, faults(found)) == (0, {"files": "warning", "housekeeping": "warning"})
    assert f"1 of 1 looked at are missing, such as {FILE}" in found["files"][1]


OLD = (
    "SET session_replication_role = replica;"
    " UPDATE audit_entry SET created_at = now() - interval '{} days'"
)


def test_how_long_the_audit_log_is_kept_is_said_and_so_is_that_it_is_not_cut(database, tmp_path):
    kept = {**database, "AUDIT_LOG_DAYS": "400"}
    asked(database, SUPERUSER, "execute")

    _, for_ever = examined(database, tmp_path)
    asked(database, OLD.format(401), "execute")
    _, in_time = examined(kept, tmp_path)
    asked(database, OLD.format(403), "execute")
    status, late = examined(kept, tmp_path)

    assert for_ever["audit log"] == ("ok", "audit log: 2 entries, kept for ever")
    assert in_time["audit log"] == ("ok", "audit log: 2 entries, kept for 400 days")
    assert (status, faults(late)) == (0, {"audit log": "warning"})
    assert "and there are older ones" in late["audit log"][1]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("ALTER TABLE user_role DISABLE TRIGGER USER", "user_role"),
        ("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_removed", "audit_entry"),
        ("DROP TRIGGER audit_changed ON account", "account"),
        ("ALTER TABLE project ENABLE REPLICA TRIGGER audit_deleted", "project"),
    ],
)
def test_triggers_of_the_audit_log_that_are_off_are_a_warning(database, tmp_path, statement, named):
    asked(database, f"{SUPERUSER};{statement}", "execute")

    status, found = examined(database, tmp_path)

    assert (status, faults(found)) == (0, {"audit log": "warning"})
    assert f"changes of {named} go untold" in found["audit log"][1]


@pytest.mark.parametrize(
    ("free", "level"), [(3 << 30, Level.OK), (1 << 30, Level.WARNING), (1 << 20, Level.FATAL)]
)
def test_a_disk_that_fills_up_is_noticed(tmp_path, monkeypatch, free, level):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, free))

    found = directories.space(make_settings(DATA_DIR=str(tmp_path)))

    assert found.level is level


@pytest.mark.parametrize(("seconds", "is_told"), [(4, False), (6, True), (-6, True)])
@pytest.mark.usefixtures("empty_database")
async def test_clocks_that_differ_are_a_warning(monkeypatch, seconds, is_told):
    ours = server.now
    monkeypatch.setattr(server, "now", lambda: ours() + dt.timedelta(seconds=seconds))

    found = await server.clock(make_settings())

    assert (found is not None) == is_told


def test_the_bucket_is_tried_and_what_is_wrong_with_it_is_said(tmp_path, database, s3):
    settings = {**database, **s3.settings, "MEDIA_URL": f"s3://{s3.new_bucket()}/media"}

    _, sound = examined(settings, tmp_path)
    status, missing = examined({**settings, "MEDIA_URL": "s3://desk-never-made"}, tmp_path)
    _, away = examined({**settings, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, tmp_path)

    assert sound["media bucket"] == ("ok", f"media bucket: {settings['MEDIA_URL']}")
    assert (status, missing["media bucket"][0]) == (1, "fatal")
    assert "s3://desk-never-made: NoSuchBucket" in missing["media bucket"][1]
    assert "Check MEDIA_URL and AWS_" in missing["media bucket"][1]
    assert "error sending request" in away["media bucket"][1]
