"""What `backup` and `restore` refuse: in one line, with nothing changed."""

import asyncio
import os
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path

import asyncpg
import msgspec
import pytest

from tests.conftest import clone_template
from tests.operations.conftest import COMMAND, SECRET, environment, run

ACCOUNT = """
INSERT INTO account (username, email, password) VALUES ('ana', 'ana@example.com', '')
"""
FILE = "attachments/2026/11/25/one"
ATTACHED = f"""
INSERT INTO project (name, key) VALUES ('Help desk', 'HELP');
INSERT INTO board_column (project, name, status, category) VALUES (1, 'New', 'new', 'todo');
INSERT INTO ticket (project, name, "column") VALUES (1, 'Printer', 1);
INSERT INTO attachment (project, ticket, path, filename, content_type, size)
    VALUES (1, 1, '{FILE}', 'one.txt', 'text/plain', 5);
"""


def asked(settings, statement, method="fetchval"):
    """What the database answers."""

    async def ask():
        connection = await asyncpg.connect(settings["DATABASE_URL"])
        try:
            return await getattr(connection, method)(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def furnish(database, directory):
    """The settings of a server with one account and one attachment."""
    asked(database, ACCOUNT + ";" + ATTACHED, "execute")
    file = directory / "old" / "media" / FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(b"hello")
    return {**database, "DATA_DIR": "old"}


@pytest.fixture
def served(database, tmp_path):
    return furnish(database, tmp_path)


@pytest.fixture(scope="session")
def taken(tmp_path_factory):
    """A backup of such a server; the path of it."""
    directory, worker = tmp_path_factory.mktemp("taken"), os.environ.get("PYTEST_XDIST_WORKER", "")
    address = asyncio.run(clone_template(f"taken_{worker}"))
    settings = furnish({"DATABASE_URL": address, "SECRET_KEY": SECRET}, directory)
    assert run("backup", "x.zip", cwd=directory, **settings).status == 0
    return directory / "x.zip"


@pytest.fixture
def backup(taken, tmp_path):
    """The path of a backup of one's own, with nothing beside it."""
    return Path(shutil.copy(taken, tmp_path))


def refused(*arguments, cwd, **settings):
    """The one line that it says."""
    done = run(*arguments, cwd=cwd, **settings)
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
    assert "Traceback" not in done.err
    return done.err


def tables(settings):
    return asked(settings, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")


def rewritten(backup, change, toggled=""):
    """The same file with another manifest; a part that was there is gone, another is there."""
    target = backup.with_name("changed.zip")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(target, "w") as new:
        if toggled and toggled not in old.namelist():
            new.writestr(toggled, "")
        for name in old.namelist():
            content = old.read(name)
            if name == toggled:
                continue
            if name == "manifest.json":
                manifest = msgspec.json.decode(content)
                change(manifest)
                content = msgspec.json.encode(manifest)
            new.writestr(name, content)
    return target


def test_the_file_is_for_its_owner_alone_and_nothing_lies_beside_it(served, tmp_path):
    assert run("backup", "x.zip", cwd=tmp_path, **served).status == 0

    backup = tmp_path / "x.zip"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old", "x.zip"]


def test_a_file_that_is_there_is_not_overwritten(served, tmp_path):
    (tmp_path / "x.zip").write_text("the only backup")

    said = refused("backup", "x.zip", cwd=tmp_path, **served)

    assert said == "x.zip is there already: it is not overwritten.\n"
    assert (tmp_path / "x.zip").read_text() == "the only backup"


def test_what_another_backup_is_writing_is_left_alone(served, tmp_path):
    (tmp_path / "x.zip.partial").write_text("half")

    assert "another backup" in refused("backup", "x.zip", cwd=tmp_path, **served)
    assert (tmp_path / "x.zip.partial").read_text() == "half"


def test_a_directory_that_cannot_be_written_is_said(served, tmp_path):
    said = refused("backup", "nowhere/x.zip", cwd=tmp_path, **served)

    assert said == "nowhere/x.zip.partial cannot be written: No such file or directory.\n"


def test_a_database_that_was_never_migrated_is_not_backed_up(empty, tmp_path):
    said = refused("backup", "x.zip", cwd=tmp_path, **empty)

    assert "not at the level of this version" in said
    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_without_a_database_is_not_backed_up_nor_given_one(tmp_path):
    said = refused("backup", "x.zip", cwd=tmp_path)

    assert said == f"There is no database in {tmp_path / 'data'}: nothing to back up.\n"
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_backup_that_is_stopped_leaves_nothing(served, tmp_path):
    """It waits for a table that somebody has locked, so it is half-way when it is stopped."""

    async def stop_half_way():
        connection = await asyncpg.connect(served["DATABASE_URL"])
        async with connection.transaction():
            await connection.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
            process = subprocess.Popen(
                [*COMMAND, "backup", "x.zip"],
                cwd=tmp_path,
                env=environment(**served),
                stderr=subprocess.PIPE,
                text=True,
            )
            while not await connection.fetchval(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
            ):
                await asyncio.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=20)[1]
        await connection.close()
        return process.returncode, said

    assert asyncio.run(stop_half_way()) == (130, "Interrupted.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old"]


def test_a_file_that_is_missing_from_the_media_is_told_and_left_out(served, tmp_path, empty):
    (tmp_path / "old" / "media" / FILE).unlink()

    taken = run("backup", "x.zip", cwd=tmp_path, **served)
    restored = run("restore", "x.zip", "--data-dir", "new", cwd=tmp_path, **empty)

    assert (taken.status, restored.status) == (0, 0)
    assert f"{FILE} is missing from the media" in taken.err
    assert "and 0 files" in taken.out


def test_a_server_that_is_not_empty_is_not_restored_into(backup, served, tmp_path):
    (tmp_path / "old" / "media" / FILE).write_bytes(b"newer")
    asked(served, "UPDATE account SET first_name = 'newer'", "execute")

    said = refused("restore", "x.zip", cwd=tmp_path, **served)

    assert said == "The server is not empty: restore into a new data directory or database.\n"
    assert asked(served, "SELECT first_name FROM account") == "newer"
    assert (tmp_path / "old" / "media" / FILE).read_bytes() == b"newer"


@pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
def test_a_file_that_was_cut_off_starts_nothing(backup, tmp_path, share):
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(len(whole) * share)])

    said = refused("restore", "x.zip", cwd=tmp_path)

    assert said == "x.zip is not a backup, or was cut off.\n"
    assert not (tmp_path / "data" / "postgres").exists()


@pytest.mark.parametrize("what", [b"tables/account.copy", FILE.encode()])
def test_a_byte_that_changed_is_found_before_anything_is_done(backup, tmp_path, what):
    content = bytearray(backup.read_bytes())
    # Behind the name in the member's own header, its content begins.
    content[content.index(what) + len(what) + 24] ^= 1
    backup.write_bytes(content)

    said = refused("restore", "x.zip", cwd=tmp_path)

    assert "x.zip is damaged" in said
    assert what.decode() in said
    assert not (tmp_path / "data" / "postgres").exists()


def test_what_is_no_backup_is_said_to_be_none(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear operator")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("letter.txt", "Dear operator")

    assert "is not a backup" in refused("restore", "letter.txt", cwd=tmp_path)
    assert "but not a backup" in refused("restore", "other.zip", cwd=tmp_path)
    assert refused("restore", "x.zip", cwd=tmp_path) == "x.zip: No such file or directory.\n"


def set_later(manifest):
    manifest["made_by"] = "7.0"
    manifest["migrations"]["ticketing_server"].append("2031-01-01T00:00:00:000000")


def set_plugin(manifest):
    manifest["migrations"]["unheard_of"] = ["2026-11-25T00:00:00:000000"]


def set_format(manifest):
    manifest["format"] = 2


def drop_table(manifest):
    manifest["tables"].pop()


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (set_later, "made by version 7.0"),
        (set_plugin, "the tables of unheard_of: install that plugin first"),
        (set_format, "not a backup that this version can read"),
        (drop_table, "is damaged"),
    ],
)
def test_what_this_version_cannot_read_whole_it_does_not_begin(
    backup, empty, tmp_path, change, wanted
):
    said = refused("restore", rewritten(backup, change).name, cwd=tmp_path, **empty)

    assert wanted in said
    assert tables(empty) == 0


def lose_a_row(manifest):
    manifest["tables"][0]["rows"] += 1


def test_a_table_with_too_few_rows_undoes_everything(backup, empty, tmp_path):
    short = rewritten(backup, lose_a_row).name

    said = refused("restore", short, "--data-dir", "new", cwd=tmp_path, **empty)

    assert said == "account has 1 rows in the file, not 2.\n"
    assert tables(empty) == 0
    assert not (tmp_path / "new").exists()


def test_media_that_cannot_be_written_undo_everything(backup, empty, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "media").write_text("in the way")

    refused("restore", "x.zip", "--data-dir", "new", cwd=tmp_path, **empty)

    assert tables(empty) == 0


def test_a_path_that_leads_out_of_the_media_is_refused(backup, empty, tmp_path):
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(tmp_path / "y.zip", "w") as new:
        for name in old.namelist():
            new.writestr(name.replace(FILE, "../../out"), old.read(name))

    said = refused("restore", "y.zip", "--data-dir", "new", cwd=tmp_path, **empty)

    assert "'../../out'" in said
    assert not (tmp_path / "out").exists()
    assert tables(empty) == 0


def test_of_two_restores_at_once_one_is_refused(backup, empty, tmp_path):
    both = [
        subprocess.Popen(
            [*COMMAND, "restore", "x.zip", "--data-dir", "new"],
            cwd=tmp_path,
            env=environment(**empty),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]

    assert sorted(process.wait(timeout=60) for process in both) == [0, 1]
    assert asked(empty, "SELECT count(*) FROM ticket") == 1
    assert (tmp_path / "new" / "media" / FILE).read_bytes() == b"hello"


def test_no_file_is_opened_to_others_by_the_umask(backup, empty, tmp_path):
    assert run("restore", "x.zip", "--data-dir", "new", cwd=tmp_path, **empty).status == 0

    assert (tmp_path / "new" / "media" / FILE).stat().st_mode & 0o777 == 0o600


def without_comments(manifest):
    manifest["tables"] = [one for one in manifest["tables"] if one["name"] != "comment"]


def with_a_table_of_postgres(manifest):
    stranger = {"name": "pg_description", "schema": "pg_catalog", "columns": ["description"]}
    manifest["tables"].append(stranger)


@pytest.mark.parametrize(
    ("change", "member", "wanted"),
    [
        (without_comments, "tables/comment.copy", '"comment" is not in it'),
        (with_a_table_of_postgres, "tables/pg_catalog.pg_description.copy", "no table of ours"),
    ],
)
def test_a_file_with_other_tables_than_ours_is_refused(
    backup, empty, tmp_path, change, member, wanted
):
    path = rewritten(backup, change, toggled=member)

    said = refused("restore", path.name, cwd=tmp_path, **empty)

    assert wanted in said
    assert tables(empty) == 0
