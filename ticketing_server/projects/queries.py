"""Every read of projects and columns."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import (
    in_visible_project,
    projects_visible_to,
    tickets_visible_to,
)
from ticketing_server.core.db import Sql, row, rows
from ticketing_server.core.errors import NotFound
from ticketing_server.projects.structs import BoardColumnRow, ColumnOut, ProjectOut

PROJECT = """
SELECT p.id, p.name, p.key, p.description, p.created_by, p.created_at, p.updated_at, p.version,
    p.widgets, r.role
FROM project p LEFT JOIN user_role r ON r.project = p.id AND r.account = {}
WHERE {} AND {}
ORDER BY p.name, p.id
"""
COLUMN = """
SELECT c.id, c.name, c.status, c.category, c."order", c.color, c.project, c.created_at,
    c.updated_at, c.version,
    (SELECT count(*) FROM ticket t WHERE t.project = c.project AND t."column" = c.id AND {})
        AS tickets_count
FROM board_column c
WHERE {} AND {}
ORDER BY c."order", c.id
"""
ANY = Sql("TRUE")


async def list_projects(actor: Actor) -> list[ProjectOut]:
    return await rows(_projects(actor, ANY), ProjectOut)


async def show_project(actor: Actor, project: int) -> ProjectOut:
    """Raises NotFound."""
    found = await row(_projects(actor, Sql("p.id = {}", project)), ProjectOut)
    if found is None:
        raise NotFound
    return found


async def list_columns(actor: Actor, project: int | None) -> list[ColumnOut]:
    """The columns of one project, or of all that the actor is in."""
    wanted = ANY if project is None else Sql("c.project = {}", project)
    return await rows(_columns(actor, wanted), ColumnOut)


async def show_column(actor: Actor, column: int) -> ColumnOut:
    """Raises NotFound."""
    found = await row(_columns(actor, Sql("c.id = {}", column)), ColumnOut)
    if found is None:
        raise NotFound
    return found


async def find_column(actor: Actor, column: int) -> BoardColumnRow | None:
    """None also where the actor cannot see it."""
    return await row(
        Sql(
            'SELECT c.id, c.project, c.name, c.category, c."order", c.version'
            " FROM board_column c WHERE c.id = {} AND {}",
            column,
            in_visible_project(actor, "c.project"),
        ),
        BoardColumnRow,
    )


def _projects(actor: Actor, wanted: Sql) -> Sql:
    return Sql(PROJECT, actor.id, projects_visible_to(actor), wanted)


def _columns(actor: Actor, wanted: Sql) -> Sql:
    visible = in_visible_project(actor, "c.project")
    return Sql(COLUMN, tickets_visible_to(actor), visible, wanted)
