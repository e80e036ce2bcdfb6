"""`export-user`: all that is known of one person, and nothing that is anybody else's."""

import json
import os
import stat
import subprocess

import asyncpg
import pytest

from tests.operations.conftest import COMMAND, environment, run

MEBIBYTE = 1024 * 1024
PEOPLE = """
INSERT INTO account (username, email, password, first_name) VALUES
    ('nino', 'nino@example.com', 'a-hash', 'Nino'), ('2', 'two@example.com', 'another-hash', 'Zwei')
RETURNING id
"""
WORK = """
WITH project AS (
    INSERT INTO project (name, key, created_by) VALUES ('Desk', 'DESK', {nino}) RETURNING id
), role AS (
    INSERT INTO user_role (project, account, role, granted)
    SELECT id, {nino}, 'superadmin', 'superadmin' FROM project
), "column" AS (
    INSERT INTO board_column (project, name, status, category)
    SELECT id, 'New', 'new', 'todo' FROM project RETURNING id, project
)
INSERT INTO ticket (project, "column", name, description, reporter)
SELECT project, id, n.name, n.description, n.reporter FROM "column", (VALUES
    (1, 'Printer', 'It jams.', {nino}), (2, 'Plotter', 'Nobody else must know.', {two})
) AS n(place, name, description, reporter) ORDER BY n.place
"""
AROUND = """
INSERT INTO ticket_assignee (project, ticket, account)
    SELECT project, id, {nino} FROM ticket WHERE name = 'Plotter';
INSERT INTO ticket_follower (project, ticket, account)
    SELECT project, id, {nino} FROM ticket WHERE name = 'Plotter';
INSERT INTO comment (project, ticket, author, content)
    SELECT project, id, {nino}, 'ჩემი სიტყვები' FROM ticket WHERE name = 'Plotter'
    UNION ALL SELECT project, id, {two}, 'Their words' FROM ticket WHERE name = 'Printer';
INSERT INTO attachment (project, ticket, uploaded_by, path, filename, content_type, size)
    SELECT project, id, {nino}, 'attachments/x', 'jam.png', 'image/png', 7 FROM ticket LIMIT 1;
INSERT INTO event (project, ticket, actor, action)
    SELECT project, id, {nino}, 'created' FROM ticket WHERE name = 'Printer';
INSERT INTO contact (project, name, email) SELECT id, 'Nino', 'NINO@example.com' FROM project
    UNION ALL SELECT id, 'Zwei', 'two@example.com' FROM project;
INSERT INTO company (name, primary_contact_email) VALUES ('Acme', 'nino@example.com');
INSERT INTO company_member (company, account, relation) SELECT id, {nino}, 'user' FROM company;
INSERT INTO invitation (project, role, email, token_hash, created_by, expires_at)
    SELECT id, 'user', 'guest@example.com', 'an-invitation-hash', {nino}, now() + interval '1 day'
    FROM project;
UPDATE account SET superuser = TRUE WHERE id = {nino};
UPDATE account SET first_name = 'Two' WHERE id = {two};
"""
LONG = """
INSERT INTO ticket (project, "column", name, description, reporter)
SELECT t.project, t."column", 'Long', repeat('words ', 170000), t.reporter
FROM ticket t, generate_series(1, 100) WHERE t.name = 'Printer'
"""


@pytest.fixture
async def sql(database):
    """A connection to a database in which nino has worked, and somebody called 2."""
    connection = await asyncpg.connect(database["DATABASE_URL"])
    nino, two = [row["id"] for row in await connection.fetch(PEOPLE)]
    await connection.execute(WORK.format(nino=nino, two=two))
    await connection.execute(AROUND.format(nino=nino, two=two))
    yield connection
    await connection.close()


async def test_it_holds_what_is_the_persons_own_and_names_nobody_else(sql, database, tmp_path):
    exported = run("export-user", "NINO", cwd=tmp_path, **database)

    assert (exported.status, exported.err) == (0, "")
    own = json.loads(exported.out)
    assert own["account"]["email"] == "nino@example.com"
    assert [role["role"] for role in own["roles"]] == ["superadmin"]
    assert [one["company_name"] for one in own["companies"]] == ["Acme"]
    assert own["invitations_sent"][0]["role"] == "user"
    assert own["tickets_reported"][0]["description"] == "It jams."
    assert own["tickets_assigned"] == own["tickets_followed"]
    assert own["tickets_assigned"] == [{"ticket": "DESK-2", "name": "Plotter"}]
    assert [(one["ticket"], one["content"]) for one in own["comments"]] == [
        ("DESK-2", "ჩემი სიტყვები")
    ]
    assert [one["filename"] for one in own["attachments"]] == ["jam.png"]
    assert [(one["ticket"], one["action"]) for one in own["history"]] == [("DESK-1", "created")]
    assert [one["email"] for one in own["contacts"]] == ["NINO@example.com"]
    assert [one["name"] for one in own["companies_they_are_the_contact_of"]] == ["Acme"]
    assert own["audit_log"][0]["new_value"]["username"] == "nino"
    assert own["audit_log"][-1]["new_value"] == {"is_superuser": True}
    for not_theirs in ("hash", "Their words", "must know", "guest@", "two@", "Zwei", "Two"):
        assert not_theirs not in exported.out


async def test_a_file_is_for_its_owner_alone_and_never_overwritten(sql, database, tmp_path):
    asked = ("export-user", "nino@example.com", "--output", "nino.json")

    first, again = [run(*asked, cwd=tmp_path, **database) for _ in range(2)]

    file = tmp_path / "nino.json"
    assert (first.status, first.out) == (
        0,
        "Wrote what is known of nino@example.com to nino.json.\n",
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_bytes())["account"]["username"] == "nino"
    assert again.status == 1
    assert again.err == "nino.json is there already: it is not overwritten.\n"


async def test_nobody_is_taken_for_somebody_else(sql, database, tmp_path):
    await sql.execute("UPDATE account SET username = id::text || '0' WHERE username = '2'")
    two, nino = await sql.fetchval("SELECT array_agg(id ORDER BY id DESC) FROM account")

    unknown = run("export-user", "nobody", "--output", "x.json", cwd=tmp_path, **database)
    by_id = run("export-user", str(nino), cwd=tmp_path, **database)
    await sql.execute("UPDATE account SET username = $1 WHERE id = $2", str(nino), two)
    either = run("export-user", str(nino), cwd=tmp_path, **database)

    assert json.loads(by_id.out)["account"]["username"] == "nino"
    assert (unknown.status, either.status) == (1, 1)
    assert unknown.err == "There is no account with the username, email or id nobody.\n"
    assert either.err.startswith(f"{nino} is the username of one account and the id of another")
    assert either.out == ""
    assert not (tmp_path / "x.json").exists()


async def test_a_hundred_megabytes_are_never_held_in_memory(sql, database, tmp_path):
    little = most_memory_of_an_export(tmp_path / "little.json", **database)
    await sql.execute(LONG)
    much = most_memory_of_an_export(tmp_path / "much.json", **database)

    assert (tmp_path / "much.json").stat().st_size > 100_000_000
    assert much - little < 50 * MEBIBYTE


def most_memory_of_an_export(file, **settings):
    """In bytes, of a command that has ended well."""
    exporting = subprocess.Popen(
        [*COMMAND, "export-user", "nino", "--output", str(file)],
        cwd=file.parent,
        env=environment(**settings),
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(exporting.pid, 0)
    exporting.returncode = os.waitstatus_to_exitcode(status)
    assert exporting.returncode == 0
    return used.ru_maxrss * 1024


def test_a_server_that_is_not_there_is_not_made(tmp_path):
    refused = run("export-user", "nino", "--data-dir", "nowhere", cwd=tmp_path)

    assert refused.status == 1
    assert refused.err == f"There is no database in {tmp_path / 'nowhere'}.\n"
    assert not (tmp_path / "nowhere" / "postgres").exists()
