"""How a guard finds the company that a request is about, or the projects of one to be."""

from collections.abc import Sequence

from litestar.handlers import BaseRouteHandler

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import Connection, id_in_path
from ticketing_server.access.matrix import Action
from ticketing_server.companies import queries
from ticketing_server.companies.structs import CompanyRow, Places, ProjectIds
from ticketing_server.core.body import peek, refusal
from ticketing_server.core.db import Sql, scalars
from ticketing_server.core.errors import missing
from ticketing_server.core.structs import In
from ticketing_server.projects.lookups import only_project


class NamesProjects(In):
    project_ids: ProjectIds | None = None


async def company_in_path(connection: Connection, actor: Actor) -> CompanyRow:
    """The company of `/companies/{id}/…`. Raises NotFound."""
    return await queries.get_row(actor, id_in_path(connection))


async def visible_company(connection: Connection, _: BaseRouteHandler) -> None:
    """A guard: everybody who sees the company. Raises NotFound."""
    connection.state.resource = await company_in_path(connection, connection.user)


async def projects_in_body(connection: Connection, actor: Actor) -> Places | None:
    """The projects of a new company, or the only one where it may be (3.6). Raises Invalid."""
    body = await peek(connection, NamesProjects)
    if body is None:
        return None
    if body.project_ids is None:
        place = await only_project(connection, actor, Action.CREATE_COMPANY)
        return Places([place.project])
    projects = sorted(set(body.project_ids))
    if unseen := await _unseen(actor, projects):
        raise await refusal(connection, project_ids=missing(unseen[0]))
    return Places(projects)


async def _unseen(actor: Actor, projects: Sequence[int]) -> list[int]:
    there: Sequence[int] = list(actor.roles)
    if actor.superuser:
        asked = Sql("SELECT id FROM project WHERE id = ANY({}::bigint[])", list(projects))
        there = await scalars(asked, int)
    return [project for project in projects if project not in there]
