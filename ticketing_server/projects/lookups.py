"""How a guard finds the project or column that a request is about."""

from collections.abc import Sequence

import msgspec
from litestar.di import NamedDependency

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, Connection, Lookup, id_in_path
from ticketing_server.access.matrix import Action
from ticketing_server.core.body import peek, refusal
from ticketing_server.core.db import Sql, scalar, scalars
from ticketing_server.core.errors import Invalid, NotFound, missing
from ticketing_server.core.listing import IdParameter
from ticketing_server.core.structs import Id, In
from ticketing_server.projects import queries
from ticketing_server.projects.structs import BoardColumnRow, Reorder


class Place(msgspec.Struct, frozen=True):
    """A project, by its id."""

    project: int


class NamesProject(In):
    project: Id | None = None


async def project_in_path(connection: Connection, actor: Actor) -> Place:
    """The project of `/projects/{id}/…`. Raises NotFound."""
    project = id_in_path(connection)
    if not await is_visible(actor, project):
        raise NotFound
    return Place(project)


async def column_in_path(connection: Connection, actor: Actor) -> BoardColumnRow:
    """The column of `/columns/{id}/`. Raises NotFound."""
    column = await queries.find_column(actor, id_in_path(connection))
    if column is None:
        raise NotFound
    return column


async def columns_in_body(connection: Connection, actor: Actor) -> Place | None:
    """The project of the columns to reorder: that of the first one the actor can see."""
    body = await peek(connection, Reorder)
    if body is None:
        return None
    column = await queries.find_column(actor, body.order[0].id)
    if column is None:
        raise Invalid(order=missing(body.order[0].id))
    return Place(column.project)


async def provide_move_to(
    request: AnyRequest,
    resource: NamedDependency[BoardColumnRow],
    move_to: IdParameter = None,
) -> BoardColumnRow | None:
    """The other column of the same board that takes a deleted column's tickets. Raises Invalid."""
    if move_to is None:
        return None
    other = await queries.find_column(request.user, move_to)
    if other is None or other.project != resource.project or other.id == resource.id:
        raise Invalid(move_to=missing(move_to))
    return other


def project_for(action: Action) -> Lookup:
    """The project that the body names, or the only one in which the action is allowed (3.6)."""

    async def lookup(connection: Connection, actor: Actor) -> Place | None:
        body = await peek(connection, NamesProject)
        if body is None:
            return None
        if body.project is None:
            return await only_project(connection, actor, action)
        if not await is_visible(actor, body.project):
            raise await refusal(connection, project=missing(body.project))
        return Place(body.project)

    return lookup


async def is_visible(actor: Actor, project: int) -> bool:
    if not actor.superuser:
        return actor.is_member(project)
    return await scalar(Sql("SELECT EXISTS (SELECT FROM project WHERE id = {})", project), bool)


async def only_project(connection: Connection, actor: Actor, action: Action) -> Place:
    """The only project in which the action is allowed (rulings 3.6). Raises Invalid."""
    allowed: Sequence[int] = actor.projects_where(action)
    if actor.superuser:
        allowed = await scalars(Sql("SELECT id FROM project LIMIT 2"), int)
    if len(allowed) > 1:
        raise await refusal(connection, project="Name the project: there are several.")
    # Without an allowed project the guard says which role was missing, in one the actor does hold.
    candidates = allowed or sorted(actor.roles)
    if not candidates:
        raise await refusal(connection, project="You are not a member of any project.")
    return Place(candidates[0])
