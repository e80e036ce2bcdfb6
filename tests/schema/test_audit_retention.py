"""Of the audit log only the oldest end goes, not before a month, and the log itself tells it."""

import asyncio

import asyncpg
import pytest

from tests.ageing import age_the_log
from tests.waiting import has_to_wait, somebody_else
from ticketing_server.audit.retention import remove_older_than
from ticketing_server.core.db import Sql, execute, row, rows, scalar, scalars

LAST = "SELECT * FROM audit_entry ORDER BY id DESC LIMIT 1"
ENTRIES = "SELECT count(*) FROM audit_entry"
OLDEST = "DELETE FROM audit_entry WHERE id <= (SELECT min(id) + {} FROM audit_entry)"
LOST = """
SELECT count(*) FROM audit_detail d WHERE NOT EXISTS (SELECT FROM audit_entry WHERE id = d.entry)
"""
KEPT = """
SELECT source, action, resource, sum(entries)::bigint AS entries FROM audit_count
GROUP BY 1, 2, 3 HAVING sum(entries) <> 0 ORDER BY 1, 2, 3
"""
COUNTED = """
SELECT source, action, resource, count(*) AS entries FROM audit_entry
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


async def assert_counts_are_true():
    kept, counted = [await rows(Sql(each), dict[str, object]) for each in (KEPT, COUNTED)]
    assert kept == counted


async def test_what_was_removed_is_told_in_the_log(world):
    await age_the_log(400)
    before = await scalar(Sql(ENTRIES), int)
    whole = await row(
        Sql(
            "SELECT min(created_at) AS since, max(created_at) AS until, max(id) AS newest"
            " FROM audit_entry"
        ),
        dict[str, object],
    )
    assert whole is not None

    await remove_older_than(365)

    entry = await row(Sql("SELECT *, old_value::text AS old FROM audit_entry"), dict[str, object])
    assert entry is not None
    assert (entry["source"], entry["actor"]) == ("housekeeping", None)
    assert (entry["action"], entry["resource"]) == ("deleted", "audit_entry")
    assert (entry["account"], entry["project"], entry["company"]) == (None, None, None)
    assert entry["resource_id"] == whole["newest"]
    told = await row(
        Sql(
            "SELECT (old_value ->> 'entries')::bigint AS entries,"
            " (old_value ->> 'since')::timestamptz AS since,"
            " (old_value ->> 'until')::timestamptz AS until FROM audit_entry"
        ),
        dict[str, object],
    )
    assert told == {"entries": before, "since": whole["since"], "until": whole["until"]}
    assert await scalar(Sql("SELECT count(*) FROM audit_detail"), int) == 0
    await assert_counts_are_true()


async def test_what_is_younger_stays(world):
    newest = await scalar(Sql("SELECT max(id) FROM audit_entry"), int)
    await age_the_log(400, f"id <= {newest - 10}")
    await execute(Sql("UPDATE account SET is_staff = TRUE WHERE username = 'uma'"))
    young = Sql("SELECT id FROM audit_entry WHERE id > {} ORDER BY id", newest - 10)
    before = await scalars(young, int)

    await remove_older_than(399)

    *left, told = await scalars(Sql("SELECT id FROM audit_entry ORDER BY id"), int)
    assert (left, told > max(before)) == (before, True)
    assert await scalar(Sql(LOST), int) == 0
    await assert_counts_are_true()


async def test_nothing_is_removed_and_nothing_told_before_its_time(world):
    await age_the_log(30)
    before = await scalars(Sql("SELECT id FROM audit_entry"), int)

    await remove_older_than(31)

    assert await scalars(Sql("SELECT id FROM audit_entry"), int) == before


async def test_what_tells_of_removing_is_no_reason_to_remove(world):
    """Or a server on which nothing happens would go on telling that it forgets having told."""
    await age_the_log(400)
    await remove_older_than(60)
    await age_the_log(100)

    await remove_older_than(60)
    assert await scalar(Sql(ENTRIES), int) == 1

    await execute(Sql("UPDATE account SET is_staff = TRUE WHERE username = 'uma'"))
    await age_the_log(100, "resource = 'account'")
    await remove_older_than(60)

    entry = await row(Sql("SELECT old_value ->> 'entries' AS n FROM audit_entry"), dict[str, str])
    assert entry == {"n": "2"}


async def test_it_goes_a_batch_at_a_time_and_each_is_told(world, monkeypatch):
    monkeypatch.setattr("ticketing_server.audit.retention.BATCH", 10)
    monkeypatch.setattr("ticketing_server.audit.retention.MOST_BATCHES", 2)
    await age_the_log(400)
    before = await scalar(Sql(ENTRIES), int)

    await remove_older_than(365)

    assert await scalar(Sql(ENTRIES), int) == before - 20 + 2
    told = Sql("SELECT (old_value ->> 'entries')::int FROM audit_entry WHERE action = 'deleted'")
    assert await scalars(told, int) == [10, 10]
    await assert_counts_are_true()


async def test_of_several_servers_at_once_one_does_it(world):
    await age_the_log(400)
    before = await scalar(Sql(ENTRIES), int)

    await asyncio.gather(*(remove_older_than(365) for _ in range(5)))

    told = Sql("SELECT (old_value ->> 'entries')::int FROM audit_entry")
    assert await scalars(told, int) == [before]


async def test_removing_waits_for_people_who_are_deleted_meanwhile_and_holds_none_up(world):
    await age_the_log(400)
    async with somebody_else() as other:
        await other.execute("DELETE FROM account WHERE username = 'mona'")
        removing = await has_to_wait(remove_older_than(365))
        await other.execute("DELETE FROM account WHERE username IN ('adam', 'ugo')")
    await removing

    assert await scalar(Sql(LOST), int) == 0
    gone = "SELECT count(*) FROM audit_entry WHERE action = 'deleted' AND resource = 'account'"
    assert await scalar(Sql(gone), int) == 3
    await assert_counts_are_true()


async def test_whoever_removes_the_oldest_by_hand_is_told_of_too(world):
    await age_the_log(31)

    await execute(Sql(OLDEST, 4))

    entry = await row(Sql(LAST), dict[str, object])
    assert entry is not None
    assert (entry["source"], entry["action"], entry["resource"]) == (
        "database",
        "deleted",
        "audit_entry",
    )
    assert entry["fields"] == ["entries", "since", "until"]
    assert await scalar(Sql(LOST), int) == 0
    await assert_counts_are_true()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)",
        "DELETE FROM audit_entry WHERE id = (SELECT min(id) + 1 FROM audit_entry)",
        "DELETE FROM audit_entry WHERE id IN"
        " (SELECT min(id) FROM audit_entry UNION SELECT min(id) + 2 FROM audit_entry)",
        "DELETE FROM audit_entry WHERE action = 'changed'",
        "WITH gone AS (DELETE FROM audit_entry WHERE action = 'changed' RETURNING id)"
        " SELECT count(*) FROM gone",
        "UPDATE audit_entry SET created_at = created_at - interval '1 year'",
        "UPDATE audit_entry SET actor = NULL",
        "TRUNCATE audit_entry",
        "TRUNCATE audit_entry, audit_detail",
        "DELETE FROM audit_detail WHERE entry = (SELECT min(entry) FROM audit_detail)",
        "UPDATE audit_detail SET entry = 0",
    ],
)
async def test_nothing_is_picked_out_of_the_log_however_old(world, statement):
    await age_the_log(400)
    before = await scalars(Sql("SELECT e::text FROM audit_entry e ORDER BY id"), str)
    details = await scalars(Sql("SELECT d::text FROM audit_detail d ORDER BY id"), str)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(Sql(statement))

    assert await scalars(Sql("SELECT e::text FROM audit_entry e ORDER BY id"), str) == before
    assert await scalars(Sql("SELECT d::text FROM audit_detail d ORDER BY id"), str) == details


async def test_of_two_entries_of_one_moment_none_is_chosen(world):
    await age_the_log(400)
    one_moment = "SET LOCAL session_replication_role = replica; " + (
        "UPDATE audit_entry SET created_at = now() - interval '400 days'"
    )
    await age_the_log(0, "FALSE; " + one_moment)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(
            Sql("DELETE FROM audit_entry WHERE id = (SELECT min(id) + 1 FROM audit_entry)")
        )

    await execute(Sql(OLDEST, 0))
    assert (await row(Sql(LAST), dict[str, object]) or {})["resource"] == "audit_entry"


@pytest.mark.parametrize("days", [0, 1, 28])
async def test_the_database_refuses_a_shorter_time_whoever_asks(world, days):
    await age_the_log(29)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await remove_older_than(days)


async def test_a_removal_that_is_not_committed_leaves_everything(world):
    await age_the_log(400)
    before = await scalars(Sql("SELECT id FROM audit_entry"), int)

    with pytest.raises(asyncpg.DivisionByZeroError):
        await execute(Sql("WITH gone AS (DELETE FROM audit_entry RETURNING id) SELECT 1 / 0"))

    assert await scalars(Sql("SELECT id FROM audit_entry"), int) == before
    await assert_counts_are_true()


async def test_changes_at_once_all_count_and_counts_stay_few(world):
    """More entries than one fold needs, so that folding goes on among them."""

    async def somebody(name):
        for number in range(60):
            renamed = "UPDATE account SET first_name = {} WHERE username = {}"
            await execute(Sql(renamed, str(number), name))

    people = ("alice", "adam", "uma", "mona", "ugo", "stella", "root", "stan")
    await asyncio.gather(*map(somebody, people), remove_older_than(30))

    await assert_counts_are_true()
    assert await scalar(Sql("SELECT count(*) FROM audit_count"), int) < 256 + 20
