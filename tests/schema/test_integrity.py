"""What the database refuses, whatever the code above it does (`docs/decisions/0002`)."""

import asyncpg
import pytest

from tests.world import add_company, add_ticket
from ticketing_server.core.db import Sql, execute, rows, scalar, scalars
from ticketing_server.tables import TABLES

CASCADE, SET_NULL, NO_ACTION = "c", "n", "a"

# Each foreign key: its table and columns, what it points at, what happens when that goes.
FOREIGN_KEYS = {
    ("account", "created_by"): ("account", SET_NULL),
    ("account", "created_in"): ("project", SET_NULL),
    ("admin_session", "account"): ("account", CASCADE),
    ("attachment", "project, ticket"): ("ticket", CASCADE),
    ("attachment", "uploaded_by"): ("account", SET_NULL),
    ("board_column", "project"): ("project", CASCADE),
    ("comment", "author"): ("account", SET_NULL),
    ("comment", "project, ticket"): ("ticket", CASCADE),
    ("company_member", "account"): ("account", CASCADE),
    ("company_member", "company"): ("company", CASCADE),
    ("company_project", "company"): ("company", CASCADE),
    ("company_project", "project"): ("project", CASCADE),
    ("contact", "project"): ("project", CASCADE),
    ("event", "actor"): ("account", SET_NULL),
    ("event", "project"): ("project", CASCADE),
    ("event", "project, ticket"): ("ticket", CASCADE),
    ("idempotent_answer", "account"): ("account", CASCADE),
    ("invitation", "accepted_by"): ("account", SET_NULL),
    ("invitation", "created_by"): ("account", SET_NULL),
    ("invitation", "project"): ("project", CASCADE),
    ("login_name", "account"): ("account", CASCADE),
    ("project", "created_by"): ("account", SET_NULL),
    ("project_counter", "project"): ("project", CASCADE),
    ("tag", "project"): ("project", CASCADE),
    ("tag_contact", "project, contact"): ("contact", CASCADE),
    ("tag_contact", "project, tag"): ("tag", CASCADE),
    ("ticket", "project"): ("project", CASCADE),
    ("ticket", "project, column"): ("board_column", NO_ACTION),
    ("ticket", "project, company"): ("company_project", NO_ACTION),
    ("ticket", "reporter"): ("account", SET_NULL),
    ("ticket_assignee", "account"): ("account", CASCADE),
    ("ticket_assignee", "project, ticket"): ("ticket", CASCADE),
    ("ticket_follower", "account"): ("account", CASCADE),
    ("ticket_follower", "project, ticket"): ("ticket", CASCADE),
    ("ticket_tag", "project, tag"): ("tag", CASCADE),
    ("ticket_tag", "project, ticket"): ("ticket", CASCADE),
    ("ticket_words", "project, ticket"): ("ticket", CASCADE),
    ("user_role", "account"): ("account", CASCADE),
    ("user_role", "assigned_by"): ("account", SET_NULL),
    ("user_role", "project"): ("project", CASCADE),
}
# People and companies outlive projects; what the server remembers belongs to none.
OUTSIDE_PROJECTS = {
    "account", "admin_session", "audit_count", "audit_detail", "audit_entry", "company",
    "company_member", "ended_session", "idempotent_answer", "login_name", "migration", "project",
    "throttle", "unclaimed_file",
}  # fmt: skip

FIND_FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text AS of, c.confrelid::regclass::text AS target,
    c.confdeltype::text AS on_delete, (
        SELECT string_agg(a.attname, ', ' ORDER BY k.place)
        FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
    ) AS columns
FROM pg_constraint c WHERE c.contype = 'f'
"""
WITHOUT_PROJECT = """
SELECT t.table_name::text FROM information_schema.tables t
WHERE t.table_schema = 'public' AND NOT EXISTS (
    SELECT FROM information_schema.columns c
    WHERE c.table_name = t.table_name AND c.column_name = 'project' AND c.is_nullable = 'NO')
"""


@pytest.mark.usefixtures("empty_database")
async def test_what_becomes_of_a_row_whose_target_goes_was_chosen_for_every_foreign_key():
    found = await rows(Sql(FIND_FOREIGN_KEYS), dict[str, str])

    ours = {table._meta.tablename for table in TABLES}
    chosen = {
        (key["of"], key["columns"]): (key["target"], key["on_delete"])
        for key in found
        if key["of"] in ours
    }
    assert chosen == FOREIGN_KEYS


@pytest.mark.usefixtures("empty_database")
async def test_every_row_of_a_tenant_names_its_project():
    assert {*await scalars(Sql(WITHOUT_PROJECT), str)} == OUTSIDE_PROJECTS


@pytest.fixture
async def ids(world):
    """Ours and theirs, by the names that the statements below use."""
    theirs = Sql(
        "INSERT INTO tag (project, name) VALUES ({}, 'x') RETURNING id", world.other_project
    )
    contact = Sql(
        "INSERT INTO contact (project, name) VALUES ({}, 'x') RETURNING id", world.other_project
    )
    ours = Sql("INSERT INTO tag (project, name) VALUES ({}, 'x') RETURNING id", world.project)
    return {
        "project": world.project,
        "ticket": world.printer,
        "column": world.columns["New"],
        "company": world.companies["Acme"],
        "tag": await scalar(ours, int),
        "person": world.people["uma"],
        "other_project": world.other_project,
        "other_ticket": world.other_ticket,
        "other_column": world.other_column,
        "other_tag": await scalar(theirs, int),
        "other_contact": await scalar(contact, int),
        "other_company": await add_company("Hooli", world.other_project),
    }


LINK = "INSERT INTO {table} (project, ticket, {column}) VALUES "
MISFITS = {
    "a ticket in another project's column": 'UPDATE ticket SET "column" = {other_column}'
    " WHERE id = {ticket}",
    "a ticket of another project's company": "UPDATE ticket SET company = {other_company}"
    " WHERE id = {ticket}",
    "a ticket carried off into another project": "UPDATE ticket SET number = 9,"
    " project = {other_project}"
    " WHERE id = {ticket}",
    "a column carried off with its tickets": "UPDATE board_column SET project = {other_project},"
    " name = 'Mine', status = 'mine', \"order\" = 9 WHERE id = {column}",
    "a new ticket in another project's column": 'INSERT INTO ticket (project, "column", name)'
    " VALUES ({project}, {other_column}, 'x')",
    "another project's tag": "INSERT INTO ticket_tag (project, ticket, tag)"
    " VALUES ({project}, {ticket}, {other_tag})",
    "another project's tag under its own project": "INSERT INTO ticket_tag (project, ticket, tag)"
    " VALUES ({other_project}, {ticket}, {other_tag})",
    "an assignee in another project": "INSERT INTO ticket_assignee (project, ticket, account)"
    " VALUES ({other_project}, {ticket}, {person})",
    "a follower in another project": "INSERT INTO ticket_follower (project, ticket, account)"
    " VALUES ({other_project}, {ticket}, {person})",
    "a comment in another project": "INSERT INTO comment (project, ticket, content)"
    " VALUES ({other_project}, {ticket}, 'x')",
    "an event in another project": "INSERT INTO event (project, ticket, action)"
    " VALUES ({other_project}, {ticket}, 'changed')",
    "another project's contact": "INSERT INTO tag_contact (project, tag, contact)"
    " VALUES ({project}, {tag}, {other_contact})",
    "a company taken out while it has tickets": "DELETE FROM company_project"
    " WHERE project = {project} AND company = {company}",
    "a column taken out while it has tickets": "DELETE FROM board_column WHERE id = {column}",
}


@pytest.mark.parametrize("misfit", MISFITS)
async def test_projects_do_not_mix(ids, misfit):
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await execute(Sql(MISFITS[misfit].format(**ids)))


OUT_OF_RANGE = {
    "UPDATE ticket SET priority_id = 6": asyncpg.CheckViolationError,
    "UPDATE ticket SET type = 'chore'": asyncpg.CheckViolationError,
    "UPDATE ticket SET urgency = 'mild'": asyncpg.CheckViolationError,
    "UPDATE ticket SET importance = ''": asyncpg.CheckViolationError,
    "UPDATE ticket SET due_date = '2025-01-01', start_date = '2025-01-02'": (
        asyncpg.CheckViolationError
    ),
    "UPDATE user_role SET role = 'owner'": asyncpg.CheckViolationError,
    "UPDATE project SET key = 'desk'": asyncpg.CheckViolationError,
    "UPDATE board_column SET category = 'later'": asyncpg.CheckViolationError,
    "UPDATE board_column SET color = 'red'": asyncpg.CheckViolationError,
    'UPDATE board_column SET "order" = -1': asyncpg.CheckViolationError,
    'UPDATE board_column SET "order" = 1': asyncpg.UniqueViolationError,
    "UPDATE board_column SET status = 'new'": asyncpg.UniqueViolationError,
    "UPDATE board_column SET name = 'DONE', status = id": asyncpg.UniqueViolationError,
    "UPDATE account SET username = 'Uma'": asyncpg.UniqueViolationError,
    "UPDATE account SET email = 'UMA@example.com'": asyncpg.UniqueViolationError,
    "DELETE FROM user_role WHERE role = 'superadmin'": asyncpg.CheckViolationError,
    "UPDATE user_role SET role = 'user'": asyncpg.CheckViolationError,
    "UPDATE account SET active = FALSE": asyncpg.CheckViolationError,
}


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("statement", OUT_OF_RANGE)
async def test_values_keep_to_their_range(statement):
    with pytest.raises(OUT_OF_RANGE[statement]):
        await execute(Sql(statement))


async def test_two_tickets_of_a_project_never_share_a_number(world):
    second = await add_ticket(world.project, world.columns["New"], world.people["uma"], "Two")

    with pytest.raises(asyncpg.UniqueViolationError):
        await execute(Sql("UPDATE ticket SET number = 1 WHERE id = {}", second))
    assert await scalar(Sql("SELECT number FROM ticket WHERE id = {}", second), int) == 2
