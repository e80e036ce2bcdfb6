"""Every change of a project."""

from collections.abc import Collection

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action, Role
from ticketing_server.audit.acting import audited
from ticketing_server.core import db
from ticketing_server.core.db import Sql, atomic, execute, scalar, scalar_or_none, scalars
from ticketing_server.core.entity import IfMatch
from ticketing_server.core.errors import Conflict, Forbidden, Invalid, NotFound
from ticketing_server.projects.structs import ProjectNew, ProjectPatch
from ticketing_server.tables import Project

# rulings 3.1: name, status, category, color; their order is their place here.
DEFAULT_COLUMNS = [
    ("New", "new", "todo", "#0052cc"),
    ("In Progress", "in_progress", "in_progress", "#ff9800"),
    ("Review", "review", "in_progress", "#9c27b0"),
    ("Done", "done", "done", "#36b37e"),
]

INSERT = """
INSERT INTO project (name, key, description, created_by) VALUES ({}, {}, {}, {}) RETURNING id
"""
MAKE_SUPERADMIN = """
INSERT INTO user_role (project, account, role, granted, assigned_by)
VALUES ({}, {}, 'superadmin', 'superadmin', {})
"""
ADD_DEFAULT_COLUMNS = """
INSERT INTO board_column (project, name, status, category, color, "order")
SELECT {}, c.name, c.status, c.category, c.color, c.place - 1
FROM unnest({}::text[], {}::text[], {}::text[], {}::text[])
    WITH ORDINALITY AS c(name, status, category, color, place)
"""
CHOSEN = "SELECT widgets FROM project WHERE id = {}"
# Who writes a ticket holds its project first: against `lock`, all wait in one order.
HELD = "SELECT id FROM project WHERE id = {} FOR KEY SHARE"
# A ticket's new column, kept as it is now until the ticket lies in it: its category decides whether
# the ticket is resolved. Without a row the column is gone.
PLACED = """
SELECT held.id AS project, c.id, c.category FROM ({}) AS held
JOIN board_column c ON c.project = held.id WHERE c.id = {} FOR SHARE OF c
"""
COMPANIES_ONLY_IN = """
SELECT company FROM company_project GROUP BY company HAVING array_agg(project) = ARRAY[{}::bigint]
"""


@audited
async def create(actor: Actor, data: ProjectNew) -> int:
    """A project with the default columns, the actor its superadmin; its id.

    Raises Forbidden (rulings 3.1), Invalid for a key that is taken.
    """
    if not may_create(actor):
        raise Forbidden(action=Action.CREATE_PROJECT, role=None, roles_allowed=[Role.SUPERADMIN])
    return await open_project(actor.id, data)


def may_create(actor: Actor) -> bool:
    """Superusers, superadmins of some project, and newcomers without any tie (rulings 3.1)."""
    is_newcomer = not actor.roles and not actor.companies
    return actor.superuser or is_newcomer or bool(actor.projects_where(Action.CREATE_PROJECT))


@atomic
async def open_project(owner: int, data: ProjectNew) -> int:
    """The project itself, whoever may: registering opens one too."""
    project = await scalar(Sql(INSERT, data.name, data.key, data.description, owner), int)
    await execute(Sql(MAKE_SUPERADMIN, project, owner, owner))
    await execute(Sql(ADD_DEFAULT_COLUMNS, project, *map(list, zip(*DEFAULT_COLUMNS, strict=True))))
    return project


@audited
async def update(
    actor: Actor, project: int, patch: ProjectPatch, widgets: Collection[str], if_match: IfMatch
) -> None:
    """`widgets` are those that this server has.

    Raises Stale, Invalid for a key that is taken or a widget that is not there, Conflict for a key
    that is in use.
    """
    version = await lock(project)
    if_match.check(version)
    changes = patch.changes()
    if changes.get("widgets"):
        await _check_widgets(project, changes["widgets"], widgets)
    if "key" in changes:
        await _check_key_may_change(project, changes["key"])
    if changes:
        await db.update(Project, project, changes)


@audited
async def delete(actor: Actor, project: int, if_match: IfMatch) -> None:
    """The project and everything in it, companies that belong to no other project included."""
    if_match.check(await lock(project))
    companies = await scalars(Sql(COMPANIES_ONLY_IN, project), int)
    await db.delete(Project, project)
    await execute(Sql("DELETE FROM company WHERE id = ANY({}::bigint[])", companies))


async def lock(project: int) -> int:
    """Holds off every other change of the project, its board and its tickets; its version."""
    version = await scalar_or_none(
        Sql("SELECT version FROM project WHERE id = {} FOR UPDATE", project), int
    )
    if version is None:
        raise NotFound
    return version


async def _check_widgets(project: int, wanted: list[str], known: Collection[str]) -> None:
    """One that was chosen before stays chosen while its plugin is away."""
    chosen = await scalar_or_none(Sql(CHOSEN, project), list[str]) or []
    if unknown := [slug for slug in wanted if slug not in known and slug not in chosen]:
        raise Invalid(widgets=f'There is no widget "{unknown[0]}".')
    if len(set(wanted)) < len(wanted):
        raise Invalid(widgets="Name each widget once.")


async def _check_key_may_change(project: int, key: str) -> None:
    is_used = Sql(
        "SELECT EXISTS (SELECT FROM ticket t JOIN project p ON p.id = t.project"
        " WHERE t.project = {} AND p.key <> {})",
        project,
        key,
    )
    if await scalar(is_used, bool):
        raise Conflict("The key cannot change once the project has tickets.")
