"""How a guard finds the person, the role's project or the invitation that a request is about."""

import msgspec
from litestar.handlers import BaseRouteHandler

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import Connection, InProject, id_in_path
from ticketing_server.access.matrix import Action, roles_allowed
from ticketing_server.access.visibility import people_visible_to, sees_everybody
from ticketing_server.accounts import role_queries, user_queries
from ticketing_server.core.body import peek, refusal
from ticketing_server.core.db import Sql, row
from ticketing_server.core.errors import Forbidden, NotFound, missing
from ticketing_server.core.structs import Id, In
from ticketing_server.projects.lookups import (
    NamesProject,
    Place,
    is_visible,
    project_for,
    project_in_path,
)


class Person(msgspec.Struct, frozen=True):
    """Somebody whom the actor may know of."""

    id: int
    username: str


class PersonInProject(msgspec.Struct, frozen=True):
    """Somebody, and the project whose role is at stake."""

    id: int
    username: str
    project: int


class FoundInvitation(msgspec.Struct, frozen=True):
    id: int
    project: int


class NamesProjectId(In):
    project_id: Id


async def person_in_path(connection: Connection, _: BaseRouteHandler) -> None:
    """A guard: everybody whom the caller may know of. Raises NotFound."""
    connection.state.resource = await find_person(connection, connection.user)


async def account_in_path(connection: Connection, _: BaseRouteHandler) -> None:
    """A guard: whom the caller may know of; what they may do to them, the action says.

    Raises NotFound.
    """
    found = await user_queries.find_managed(connection.user, id_in_path(connection))
    if found is None:
        raise NotFound
    connection.state.resource = found


async def find_person(connection: Connection, actor: Actor) -> Person:
    """The person of `/users/{id}/…`. Raises NotFound."""
    person = await row(
        Sql(
            "SELECT a.id, a.username FROM account a WHERE a.id = {} AND {}",
            id_in_path(connection),
            people_visible_to(actor),
        ),
        Person,
    )
    if person is None:
        raise NotFound
    return person


async def role_in_body(connection: Connection, actor: Actor) -> PersonInProject | None:
    """The person in the path, in the project that the body names. Raises NotFound, Invalid."""
    person = await find_person(connection, actor)
    body = await peek(connection, NamesProjectId)
    if body is None:
        return None
    if not await is_visible(actor, body.project_id):
        raise await refusal(connection, project_id=missing(body.project_id))
    return PersonInProject(id=person.id, username=person.username, project=body.project_id)


async def invitation_in_path(connection: Connection, actor: Actor) -> FoundInvitation:
    """Raises NotFound."""
    place = await project_in_path(connection, actor)
    actor.require(Action.MANAGE_MEMBERS, place.project)
    found = await role_queries.find_invitation(place.project, id_in_path(connection, "invitation"))
    if found is None:
        raise NotFound
    return FoundInvitation(id=found.id, project=found.project)


async def project_of_new_user(connection: Connection, actor: Actor) -> InProject | None:
    """Where a new account is created; staff may leave that open (rulings 6.7, 6.8)."""
    if not sees_everybody(actor) and not actor.roles:
        allowed = roles_allowed(Action.MANAGE_MEMBERS)
        raise Forbidden(action=Action.MANAGE_MEMBERS, role=None, roles_allowed=allowed)
    if not sees_everybody(actor):
        return await _project_where_managing(connection, actor)
    body = await peek(connection, NamesProject)
    if body is None or body.project is None:
        return None
    if not await is_visible(actor, body.project):
        raise await refusal(connection, project=missing(body.project))
    return Place(body.project)


_project_where_managing = project_for(Action.MANAGE_MEMBERS)
