"""The cast: a small provider with two clients, and a stranger with a project of her own.

alice is superadmin of DESK, adam admin, uma user, mona manager; uma belongs to the company Acme.
ugo is another user, of the company Globex. stella is superadmin of OTHER, which none of them knows.
root is a superuser, stan is staff without any role.
"""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from piccolo.table import Table

from ticketing_server.core.db import Sql, atomic, execute, records, rows, scalar
from ticketing_server.core.secrets.passwords import HASHER
from ticketing_server.database import APP_REGISTRY

PASSWORD = "correct horse battery"
ROLES = {"alice": "superadmin", "adam": "admin", "uma": "user", "mona": "manager"}


@dataclass
class World:
    """Ids by name."""

    people: dict[str, int] = field(default_factory=dict[str, int])
    columns: dict[str, int] = field(default_factory=dict[str, int])
    companies: dict[str, int] = field(default_factory=dict[str, int])
    project: int = 0
    other_project: int = 0
    other_column: int = 0
    other_ticket: int = 0
    other_attachment: int = 0
    other_company: int = 0
    other_tag: int = 0
    other_contact: int = 0
    other_comment: int = 0
    printer: int = 0
    """uma's ticket in the column New, for Acme."""


@functools.cache
def password_hash() -> str:
    return HASHER.hash(PASSWORD)


@atomic
async def build_world() -> World:
    world = World()
    for name in ("alice", "adam", "uma", "mona", "ugo", "stella", "root", "stan"):
        world.people[name] = await add_person(name)
    people = world.people
    await execute(Sql("UPDATE account SET superuser = TRUE WHERE id = {}", people["root"]))
    await execute(Sql("UPDATE account SET is_staff = TRUE WHERE id = {}", people["stan"]))
    world.project, world.columns = await add_project("DESK", people["alice"])
    world.other_project, columns = await add_project("OTHER", people["stella"])
    world.other_column = columns["New"]
    for name in ("adam", "uma", "mona"):
        await add_role(world.project, people[name], ROLES[name])
    await add_role(world.project, people["ugo"], "user")
    world.companies["Acme"] = await add_company("Acme", world.project, people["uma"])
    world.companies["Globex"] = await add_company("Globex", world.project, people["ugo"])
    world.other_company = await add_company("Umbrella", world.other_project)
    world.printer = await add_ticket(
        world.project, world.columns["New"], people["uma"], "Printer", world.companies["Acme"]
    )
    world.other_ticket = await add_ticket(
        world.other_project, world.other_column, people["stella"], "Secret"
    )
    world.other_attachment = await add_attachment(
        world.other_project, world.other_ticket, people["stella"], "secret.txt"
    )
    world.other_tag = await add_tag(world.other_project, "Hush")
    world.other_contact = await add_contact(world.other_project, "Olga", "olga@example.org")
    world.other_comment = await add_comment(
        world.other_project, world.other_ticket, people["stella"], "Nobody must know."
    )
    return world


async def add_person(name: str) -> int:
    return await scalar(
        Sql(
            "INSERT INTO account (username, email, password, first_name)"
            " VALUES ({}, {}, {}, {}) RETURNING id",
            name,
            f"{name}@example.com",
            password_hash(),
            name.title(),
        ),
        int,
    )


async def add_project(key: str, owner: int) -> tuple[int, dict[str, int]]:
    from ticketing_server.projects.actions import open_project
    from ticketing_server.projects.structs import ProjectNew

    project = await open_project(owner, ProjectNew(name=key.title(), key=key))
    found = await rows(
        Sql("SELECT name, id FROM board_column WHERE project = {}", project), dict[str, object]
    )
    return project, {str(row["name"]): int(str(row["id"])) for row in found}


async def add_role(project: int, person: int, role: str) -> None:
    await execute(
        Sql(
            "INSERT INTO user_role (project, account, role, granted) VALUES ({}, {}, {}, {})",
            project,
            person,
            role,
            role,
        )
    )


async def add_company(name: str, project: int, *users: int) -> int:
    company = await scalar(Sql("INSERT INTO company (name) VALUES ({}) RETURNING id", name), int)
    await execute(
        Sql("INSERT INTO company_project (project, company) VALUES ({}, {})", project, company)
    )
    for user in users:
        await execute(
            Sql(
                "INSERT INTO company_member (company, account, relation) VALUES ({}, {}, 'user')",
                company,
                user,
            )
        )
    return company


async def add_ticket(
    project: int, column: int, reporter: int, name: str, company: int | None = None
) -> int:
    return await scalar(
        Sql(
            'INSERT INTO ticket (project, "column", reporter, name, company)'
            " VALUES ({}, {}, {}, {}, {}) RETURNING id",
            project,
            column,
            reporter,
            name,
            company,
        ),
        int,
    )


async def add_attachment(project: int, ticket: int, uploader: int, filename: str) -> int:
    """The row alone: nothing lies at its path."""
    return await scalar(
        Sql(
            "INSERT INTO attachment (project, ticket, uploaded_by, path, filename, content_type,"
            " size) VALUES ({}, {}, {}, {}, {}, 'text/plain', 1) RETURNING id",
            project,
            ticket,
            uploader,
            f"attachments/2025/10/21/{ticket}-{filename}",
            filename,
        ),
        int,
    )


async def add_comment(project: int, ticket: int, author: int, content: str) -> int:
    return await scalar(
        Sql(
            "INSERT INTO comment (project, ticket, author, content)"
            " VALUES ({}, {}, {}, {}) RETURNING id",
            project,
            ticket,
            author,
            content,
        ),
        int,
    )


async def add_tag(project: int, name: str, *tickets: int) -> int:
    tag = await scalar(
        Sql("INSERT INTO tag (project, name) VALUES ({}, {}) RETURNING id", project, name), int
    )
    for ticket in tickets:
        await execute(
            Sql(
                "INSERT INTO ticket_tag (project, ticket, tag) VALUES ({}, {}, {})",
                project,
                ticket,
                tag,
            )
        )
    return tag


async def add_contact(project: int, name: str, email: str = "", *tags: int) -> int:
    contact = await scalar(
        Sql(
            "INSERT INTO contact (project, name, email) VALUES ({}, {}, {}) RETURNING id",
            project,
            name,
            email,
        ),
        int,
    )
    for tag in tags:
        await execute(
            Sql(
                "INSERT INTO tag_contact (project, tag, contact) VALUES ({}, {}, {})",
                project,
                tag,
                contact,
            )
        )
    return contact


def stored_tables() -> list[type[Table]]:
    """The server's, then those of the installed plugins."""
    apps = APP_REGISTRY.app_configs.values()
    return [table for app in apps for table in app.table_classes]


async def everything_stored() -> dict[str, str]:
    """Each table's rows as text, for "and nothing changed"."""
    each = [
        f"SELECT '{name}' AS name, coalesce(json_agg(t ORDER BY t::text), '[]')::text AS rows"
        f" FROM {name} t"
        for name in (table._meta.tablename for table in stored_tables())
    ]
    return {one["name"]: one["rows"] for one in await records(Sql(" UNION ALL ".join(each)))}


@asynccontextmanager
async def mislaid(table: str) -> AsyncIterator[None]:
    """A database that the server does not understand: what is then asked of the table fails."""
    await execute(Sql(f"ALTER TABLE {table} RENAME TO mislaid"))
    yield
    await execute(Sql(f"ALTER TABLE mislaid RENAME TO {table}"))
