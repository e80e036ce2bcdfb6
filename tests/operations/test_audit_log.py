"""The audit log and who runs the server: who typed what, what is restored, how long it is kept."""

import asyncio
import json
import subprocess
import sys
import zipfile

import asyncpg
import pytest

from tests.conftest import execute
from tests.operations.conftest import environment, run
from tests.ports import free_port

LOG = "SELECT source, actor, action, resource FROM audit_entry ORDER BY id"
WHOLE = "SELECT to_jsonb(e) AS entry FROM {} e ORDER BY id"
HOW_MANY = """
SELECT (SELECT count(*) FROM audit_entry), (SELECT sum(entries)::bigint FROM audit_count)
"""
ROOT = ("--username", "root", "--email", "root@example.com", "--password-stdin")


async def ask(settings, statement):
    connection = await asyncpg.connect(settings["DATABASE_URL"])
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


# The server itself, with a housekeeping that does not wait for ten minutes.
BUSY = """
import runpy
from ticketing_server.jobs import housekeeping
housekeeping.EVERY_SECONDS = 0.2
runpy.run_module("ticketing_server", run_name="__main__")
"""
OLD = (
    "SET session_replication_role = replica;"
    " UPDATE audit_entry SET created_at = created_at - interval '400 days'"
)
REMOVED = """
SELECT source, (old_value ->> 'entries')::int FROM audit_entry WHERE resource = 'audit_entry'
"""


@pytest.fixture
def serve(database, tmp_path):
    """`serve(AUDIT_LOG_DAYS="30")`: one more server on the database, until the test ends."""
    servers = []

    def start(**settings):
        command = [sys.executable, "-c", BUSY, "serve", "--port", str(free_port())]
        with (tmp_path / "server.log").open("ab") as log:
            server = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=tmp_path,
                env=environment(**database, **settings),
            )
        servers.append(server)
        assert server.stdout is not None
        return server.stdout.readline()

    yield start
    for server in servers:
        server.terminate()
        server.communicate(timeout=40)


async def test_the_log_is_kept_for_ever_unless_the_operator_says_how_long(
    database, serve, tmp_path
):
    run("create-superuser", *ROOT, cwd=tmp_path, typed="a good long password\n", **database)
    await execute(database["DATABASE_URL"], OLD)
    whole = await ask(database, LOG)

    serve()
    await asyncio.sleep(1)
    assert await ask(database, LOG) == whole

    for _ in range(2):
        serve(AUDIT_LOG_DAYS="399")
    async with asyncio.timeout(20):
        while await ask(database, LOG) == whole:
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)

    assert await ask(database, LOG) == [("housekeeping", None, "deleted", "audit_entry")]
    assert await ask(database, REMOVED) == [("housekeeping", len(whole))]


async def test_a_command_that_makes_accounts_is_named(database, tmp_path):
    run("create-superuser", *ROOT, cwd=tmp_path, typed="a good long password\n", **database)
    assert await ask(database, LOG) == [("create-superuser", None, "created", "account")]

    loaded = run("demo", "--tickets", "1", cwd=tmp_path, DEBUG="true", **database)

    assert loaded.status == 0
    rest = (await ask(database, LOG))[1:]
    assert {(source, actor) for source, actor, _, _ in rest} == {("demo", None)}
    assert {"account", "user_role", "company", "company_member", "project"} <= {
        table for *_, table in rest
    }


async def test_a_restored_log_is_the_same_and_still_only_added_to(database, empty, tmp_path):
    run("create-superuser", *ROOT, cwd=tmp_path, typed="a good long password\n", **database)
    run("demo", "--tickets", "1", cwd=tmp_path, DEBUG="true", **database)
    assert run("backup", "x.zip", cwd=tmp_path, **database).status == 0

    assert run("restore", "x.zip", cwd=tmp_path, **empty).status == 0

    entries, details = WHOLE.format("audit_entry"), WHOLE.format("audit_detail")
    assert (await ask(empty, entries))[:-1] == await ask(database, entries)
    assert await ask(empty, details) == await ask(database, details)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(empty, "DELETE FROM audit_entry")
    await ask(empty, "DELETE FROM account WHERE username = 'root'")
    assert (await ask(empty, LOG))[-1] == ("database", None, "deleted", "account")


async def test_a_restored_log_tells_out_of_which_backup_it_came(database, empty, start, tmp_path):
    run("create-superuser", *ROOT, cwd=tmp_path, typed="a good long password\n", **database)
    (tmp_path / "kept").mkdir()
    assert run("backup", "kept/x.zip", cwd=tmp_path, **database).status == 0

    assert run("restore", "kept/x.zip", cwd=tmp_path, **empty).status == 0

    with start(**empty).client() as client:
        password = {"username": "root", "password": "a good long password"}
        token = client.post("/auth/login/", json=password).json()["tokens"]["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        newest, *before = client.get("/audit-log/").json()["results"]
    with zipfile.ZipFile(tmp_path / "kept" / "x.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert (newest["source"], newest["user"]) == ("restore", None)
    assert (newest["action"], newest["table"]) == ("created", "audit_entry")
    assert newest["new_value"].pop("made_at")[:19] == manifest["made_at"][:19]
    assert newest["new_value"] == {"file": "x.zip", "made_by": manifest["made_by"]}
    assert newest["created_at"] > manifest["made_at"] > before[0]["created_at"]
    assert await ask(empty, HOW_MANY) == [(2, 2)]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(empty, "INSERT INTO audit_entry (source) VALUES ('restore')")
