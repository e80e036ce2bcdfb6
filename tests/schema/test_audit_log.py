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
        "UPDATE audit_count SET entries = 0",
        "DELETE FROM audit_count",
        "TRUNCATE audit_count",
        "INSERT INTO audit_count (source, action, resource, entries) VALUES ('', '', '', -1)",
        "SELECT fold_audit_counts()",
        "TRUNCATE account CASCADE",
        "TRUNCATE user_role",
        "UPDATE account SET id = id + 1000000 WHERE username = 'stan'",
        "UPDATE user_role SET id = -id",
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
        await execute(Sql("SELECT set_config('ticketing.source', 'request 4711', true)"))
        await execute(Sql("UPDATE account SET active = FALSE WHERE username = 'uma'"))
    await execute(Sql("UPDATE account SET active = TRUE WHERE username = 'uma'"))

    said = Sql("SELECT source FROM audit_entry ORDER BY id DESC LIMIT 2")
    assert await scalars(said, str) == ["database", "request 4711"]


async def test_a_change_that_changes_nothing_is_not_told(world):
    before = await scalar(Sql("SELECT count(*) FROM audit_entry"), int)

    await execute(Sql("UPDATE account SET username = username, last_login = now()"))
    await execute(Sql("UPDATE user_role SET role = role, assigned_at = now()"))

    assert await scalar(Sql("SELECT count(*) FROM audit_entry"), int) == before


# What a change wrote to, or a check asked, was whatever bore the name of our table first.
IN_ITS_PLACE = {
    "the log": ("audit_entry", "UPDATE account SET superuser = TRUE WHERE username = 'uma'"),
    "the values": ("audit_detail", "UPDATE account SET email = 'u@u.com' WHERE username = 'uma'"),
    "the counts": ("audit_count", "UPDATE account SET is_staff = TRUE WHERE username = 'uma'"),
}


@pytest.mark.parametrize("place", ["pg_temp", "elsewhere"])
@pytest.mark.parametrize("name", IN_ITS_PLACE)
async def test_no_other_table_takes_the_place_of_the_log(world, name, place):
    table, change = IN_ITS_PLACE[name]
    # Steps of the counts may be folded into fewer at any time.
    said = "sum(entries)::bigint" if name == "the counts" else "count(*)"
    telling = Sql(f"SELECT {said} FROM public.{table}")
    before = await scalar(telling, int)

    async with DB.transaction() as transaction:
        await execute(Sql("CREATE SCHEMA IF NOT EXISTS elsewhere"))
        await execute(Sql(f"CREATE TABLE {place}.{table} (LIKE public.{table} INCLUDING ALL)"))
        await execute(Sql("SET LOCAL search_path = elsewhere, public"))
        await execute(Sql(change))
        told = await scalar(telling, int)
        await transaction.rollback()

    assert told == before + 1


async def test_values_stay_while_another_table_says_that_their_row_is_gone(world):
    async with DB.transaction() as transaction:
        await execute(Sql("CREATE TEMP TABLE account (id bigint)"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(Sql("DELETE FROM audit_detail WHERE resource = 'account'"))
        await transaction.rollback()


async def test_values_go_with_their_row_whatever_else_bears_their_name(world):
    """Before, a deleted person's name and email could be left behind so."""
    uma = world.people["uma"]
    async with DB.transaction() as transaction:
        await execute(Sql("CREATE TEMP TABLE audit_detail (resource text, resource_id bigint)"))
        await execute(Sql("DELETE FROM account WHERE id = {}", uma))
        of_uma = "SELECT count(*) FROM public.audit_detail WHERE resource_id = {}"
        left = await scalar(Sql(of_uma + " AND resource = 'account'", uma), int)
        await transaction.rollback()

    assert left == 0


# Who manages an account (rulings 6.7, 6.8), and whether an invitation can be used again.
BY_HAND = {
    "UPDATE account SET created_in = (SELECT min(id) FROM project) WHERE username = 'stan'": (
        "account",
        ["created_in"],
    ),
    "UPDATE account SET created_by = (SELECT min(id) FROM account) WHERE username = 'stan'": (
        "account",
        ["created_by"],
    ),
    "UPDATE invitation SET accepted_at = NULL": ("invitation", ["accepted_at"]),
    "UPDATE invitation SET accepted_at = now()": ("invitation", ["accepted_at"]),
}


@pytest.mark.parametrize("change", BY_HAND)
async def test_what_decides_over_somebody_is_told_when_it_is_changed_by_hand(world, change):
    await execute(
        Sql(
            "INSERT INTO invitation (project, role, token_hash, expires_at, accepted_at)"
            " VALUES ({}, 'user', 'hash', now() + interval '1 day', now() - interval '1 day')",
            world.project,
        )
    )
    before = await scalar(Sql("SELECT max(id) FROM audit_entry"), int)

    await execute(Sql(change))

    entry = await row(Sql(LAST), dict[str, object])
    assert entry is not None
    assert entry["id"] == before + 1
    assert (entry["resource"], entry["fields"]) == BY_HAND[change]


async def test_of_who_or_what_goes_nothing_is_told_but_that(world):
    """Accounts made by them, or there, and invitations they accepted: those name them no longer."""
    adam = world.people["adam"]
    await execute(
        Sql(
            "INSERT INTO invitation (project, role, token_hash, expires_at, accepted_at,"
            " accepted_by) VALUES ({}, 'user', 'hash', now(), now(), {})",
            world.other_project,
            adam,
        )
    )
    made = "UPDATE account SET created_by = {}, created_in = {} WHERE username = 'stan'"
    await execute(Sql(made, adam, world.project))
    before = await scalar(Sql("SELECT max(id) FROM audit_entry"), int)

    await execute(Sql("DELETE FROM account WHERE id = {}", adam))

    told = Sql("SELECT action || ' ' || resource FROM audit_entry WHERE id > {} ORDER BY 1", before)
    assert await scalars(told, str) == ["deleted account", "deleted user_role"]
    await execute(Sql("DELETE FROM project WHERE id = {}", world.project))
    assert "changed account" not in await scalars(told, str)
