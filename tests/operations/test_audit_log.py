"""The audit log and the command line: who typed what, and that a restored log is still kept."""

import asyncpg
import pytest

from tests.operations.conftest import run

LOG = "SELECT source, actor, action, resource FROM audit_entry ORDER BY id"
WHOLE = "SELECT to_jsonb(e) AS entry FROM {} e ORDER BY id"
ROOT = ("--username", "root", "--email", "root@example.com", "--password-stdin")


async def ask(settings, statement):
    connection = await asyncpg.connect(settings["DATABASE_URL"])
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


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

    for table in ("audit_entry", "audit_detail"):
        whole = WHOLE.format(table)
        assert await ask(empty, whole) == await ask(database, whole)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(empty, "DELETE FROM audit_entry")
    await ask(empty, "DELETE FROM account WHERE username = 'root'")
    assert (await ask(empty, LOG))[-1] == ("database", None, "deleted", "account")
