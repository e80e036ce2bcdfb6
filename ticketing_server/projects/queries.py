"""Every read of projects and columns."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import Asker, Repeated
from ticketing_server.access.visibility import in_visible_project, projects_visible_to
from ticketing_server.core.db import Sql, row, rows
from ticketing_server.core.errors import NotFound
from ticketing_server.core.listing import Page
from ticketing_server.core.written import WrittenArray, instant, written, written_array
from ticketing_server.projects.column_counts import column_counts
from ticketing_server.projects.structs import BoardColumnRow, ColumnOut, ProjectOut

PROJECT = """
SELECT p.id, p.name, p.key, p.description, p.created_by, p.created_at, p.updated_at, p.version,
    p.widgets, r.role
FROM project p LEFT JOIN user_role r ON r.project = p.id AND r.account = {}
WHERE {} AND {}
ORDER BY p.name, p.id
"""
COLUMN = f"""
{{}} SELECT c.id, c.name, c.status, c.category, c."order", c.color, c.project,
    {{}} AS tickets_count, {instant("c.created_at")} AS created_at,
    {instant("c.updated_at")} AS updated_at, c.version
FROM board_column c
WHERE {{}} AND {{}}
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


async def list_columns(
    asker: Asker, projects: list[int] | None, page: Page
) -> tuple[list[ColumnOut], int]:
    """The columns of these projects, or of all that the asker is in; how many there are in all."""
    if projects:
        statement = Repeated(_columns_of, projects, shape=(page,))
    else:
        statement = Repeated(_all_columns, shape=(page,))
    found = await asker.row(statement, WrittenArray)
    assert found is not None
    return written(found.json), found.total


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


def _all_columns(actor: Actor, page: Page) -> Sql:
    return written_array(_columns(actor, ANY), page)


def _columns_of(actor: Actor, projects: list[int], page: Page) -> Sql:
    return written_array(_columns(actor, Sql("c.project = ANY({}::bigint[])", projects)), page)


def _columns(actor: Actor, wanted: Sql) -> Sql:
    visible = in_visible_project(actor, "c.project")
    counts = column_counts(actor)
    return Sql(COLUMN, counts.before, counts.tickets, visible, wanted)
