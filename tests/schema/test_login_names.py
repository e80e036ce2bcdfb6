"""Nobody's username is another's email, whoever writes to the database (rulings 2.1, 2.5)."""

import asyncpg
import pytest

from tests.conftest import clone_template
from tests.schema.test_migrations import migrate, run
from tests.world import add_person
from ticketing_server.core.db import Sql, execute, scalars

NAMES = Sql("SELECT name FROM login_name ORDER BY name")
# The database as it was before the list of names, with two accounts that share one.
BEFORE = """
DROP TRIGGER login_names_changed ON account;
DROP FUNCTION login_names_changed;
DROP FUNCTION claim_login_name;
DROP TABLE login_name;
DELETE FROM migration WHERE name IN ('2026-11-25T09:50:00:000000', '2026-11-25T09:51:00:000000');
INSERT INTO account (username, email, password) VALUES
    ('nia@example.com', 'other@example.com', '-'), ('nia', 'Nia@Example.com', '-');
"""


@pytest.mark.usefixtures("empty_database")
@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("username = 'NIA@example.com'", "account_username_free"),
        ("email = 'Nia'", "account_email_free"),
    ],
)
async def test_a_name_of_somebody_elses_is_refused(statement, constraint):
    await add_person("nia")
    other = await add_person("ota")

    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await execute(Sql(f"UPDATE account SET {statement} WHERE id = {other}"))

    assert refused.value.constraint_name == constraint


@pytest.mark.usefixtures("empty_database")
async def test_ones_own_name_and_email_may_be_one_and_are_free_again_later():
    nia = await add_person("nia")
    await execute(Sql("UPDATE account SET username = email"))
    assert await scalars(NAMES, str) == ["nia@example.com"]

    await execute(Sql("UPDATE account SET username = 'nina'"))
    assert await scalars(NAMES, str) == ["nia@example.com", "nina"]

    await execute(Sql("DELETE FROM account WHERE id = {}", nia))
    assert await scalars(NAMES, str) == []


async def test_accounts_that_share_a_name_already_survive_the_migration():
    """The username keeps it, as in signing in; from then on nobody else shares one."""
    url = await clone_template("sharing")
    connection = await asyncpg.connect(url)
    await connection.execute(BEFORE)
    await connection.close()

    assert await migrate(url) == 0

    found = await run(
        url,
        "SELECT n.name, a.username FROM login_name n JOIN account a"
        " ON a.id = n.account ORDER BY n.name",
    )
    assert [tuple(one) for one in found] == [
        ("nia", "nia"),
        ("nia@example.com", "nia@example.com"),
        ("other@example.com", "nia@example.com"),
    ]
    await run(url, "UPDATE account SET username = 'nina' WHERE username = 'nia'")
    with pytest.raises(asyncpg.UniqueViolationError):
        await run(url, "UPDATE account SET email = 'nina' WHERE username <> 'nina'")
