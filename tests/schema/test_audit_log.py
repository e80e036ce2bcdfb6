"""Nobody rewrites the audit log, and nothing that it tells of happens without it."""

import asyncpg
import pytest

from tests.world import everything_stored
from ticketing_server.core.db import DB, Sql, execute, row, scalar, scalars

LAST = "SELECT * FROM audit_entry ORDER BY id DESC LIMIT 1"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 1",
        "UPDATE audit_entry SET actor = 1 WHERE FALSE",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)",
        "TRUNCATE audit_entry",
        "INSERT INTO audit_entry (source, action, resource, resource_id, fields)"
        " VALUES ('api', 'created', 'account', 1, '{}')",
        "UPDATE audit_detail SET new_value = NULL",
        "DELETE FROM audit_detail",
        "TRUNCATE audit_detail",
        "INSERT INTO audit_detail (entry, resource, resource_id) VALUES (0, 'account', 1)",
        "TRUNCATE account CASCADE",
        "TRUNCATE user_role",
    ],
)
async def test_the_log_is_only_added_to_by_what_it_tells_of(world, statement):
    assert await scalar(Sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"), bool)
    before = await everything_stored()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(Sql(statement.replace("{}", "{{}}")))

    assert await everything_stored() == before


async def test_what_is_written_past_the_server_is_told_without_a_name(world):
    await execute(
        Sql("UPDATE user_role SET role = 'admin' WHERE account = {}", world.people["mona"])
    )

    entry = await row(Sql(LAST), dict[str, object])
    assert entry is not None
    assert (entry["source"], entry["actor"], entry["request_id"]) == ("database", None, None)
    assert (entry["account"], entry["project"]) == (world.people["mona"], world.project)
    assert (entry["old_value"], entry["new_value"]) == (
        '{"role": "manager"}',
        '{"role": "admin"}',
    )


async def test_who_changes_something_by_hand_may_say_why(world):
    async with DB.transaction():
        await execute(Sql("SELECT set_config('ticketing.source', 'request 4711, jane', true)"))
        await execute(Sql("UPDATE account SET active = FALSE WHERE username = 'uma'"))
    await execute(Sql("UPDATE account SET active = TRUE WHERE username = 'uma'"))

    said = Sql("SELECT source FROM audit_entry ORDER BY id DESC LIMIT 2")
    assert await scalars(said, str) == ["database", "request 4711, jane"]


async def test_a_change_that_changes_nothing_is_not_told(world):
    before = await scalar(Sql("SELECT count(*) FROM audit_entry"), int)

    await execute(Sql("UPDATE account SET username = username, last_login = now()"))
    await execute(Sql("UPDATE user_role SET role = role, assigned_at = now()"))

    assert await scalar(Sql("SELECT count(*) FROM audit_entry"), int) == before
