"""Doors to the users of the server, as far as the caller may know of them."""

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, parsed_id, requires, signed_in
from ticketing_server.access.matrix import Action
from ticketing_server.accounts import (
    actions,
    queries,
    role_actions,
    role_queries,
    user_actions,
    user_queries,
)
from ticketing_server.accounts.lookups import (
    Person,
    PersonInProject,
    account_in_path,
    person_in_path,
    project_of_new_user,
    role_in_body,
)
from ticketing_server.accounts.role_structs import (
    HeldRoles,
    RoleAssigned,
    RoleAssignment,
    RoleRemoval,
)
from ticketing_server.accounts.structs import NewPassword, Toggled, UserNew, UserOut, UserPatch
from ticketing_server.accounts.user_queries import Managed
from ticketing_server.core.entity import Entity, IfMatch
from ticketing_server.core.listing import ListResponse, Page, Paged, paged
from ticketing_server.core.order import ordered_by
from ticketing_server.core.parameters import searched
from ticketing_server.core.structs import Message
from ticketing_server.projects.lookups import Place

Ordering = Annotated[str | None, ordered_by(user_queries.FIELDS)]


class Users(Controller):
    """People, as far as the caller may know of them."""

    path = "/tickets/users"
    tags = ("User Management",)

    @post(
        "/",
        guards=[requires(Action.MANAGE_MEMBERS, on=project_of_new_user)],
        response_class=Entity,
    )
    async def create(
        self,
        actor: NamedDependency[Actor],
        place: NamedDependency[Place | None],
        data: JSONBody[UserNew],
    ) -> UserOut:
        user = await actions.create_user(actor, place.project if place else None, data)
        return await user_queries.show_user(actor, user)

    @get("/", guards=[signed_in], response_class=ListResponse)
    async def list_page(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        paging: NamedDependency[Page],
        search: FromQuery[str | None] = None,
        ordering: FromQuery[Ordering] = None,
    ) -> Paged[UserOut]:
        wanted = searched(search)
        results, count = await user_queries.list_users(actor, wanted, ordering, paging)
        return paged(request, paging, count, results)

    @get("/{id:str}/", guards=[signed_in], response_class=Entity)
    async def show(self, actor: NamedDependency[Actor], id: FromPath[str]) -> UserOut:
        return await user_queries.show_user(actor, parsed_id(id))

    @patch("/{id:str}/", guards=[account_in_path], response_class=Entity)
    async def update(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[Managed],
        data: JSONBody[UserPatch],
        if_match: NamedDependency[IfMatch],
    ) -> UserOut:
        await user_actions.update(actor, resource, data, if_match)
        return await user_queries.show_user(actor, resource.id)

    @post("/{id:str}/set_password/", guards=[account_in_path], status_code=200)
    async def set_password(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[Managed],
        data: JSONBody[NewPassword],
    ) -> Message:
        await user_actions.set_password(actor, resource, data)
        return Message(message=f"Password updated for {resource.username}")

    @post("/{id:str}/toggle_active/", guards=[account_in_path], status_code=200)
    async def toggle_active(
        self, actor: NamedDependency[Actor], resource: NamedDependency[Managed]
    ) -> Toggled:
        is_active = await user_actions.toggle_active(actor, resource)
        state = "active" if is_active else "inactive"
        return Toggled(message=f"User {resource.username} is now {state}", is_active=is_active)

    @get("/{id:str}/roles/", guards=[person_in_path])
    async def roles(
        self, actor: NamedDependency[Actor], resource: NamedDependency[Person]
    ) -> HeldRoles:
        return HeldRoles(roles=await role_queries.list_roles(actor, resource.id))

    @post(
        "/{id:str}/assign_role/",
        guards=[requires(Action.MANAGE_MEMBERS, on=role_in_body)],
        responses={200: ResponseSpec(RoleAssigned, description="Changed", generate_examples=False)},
    )
    async def assign_role(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[PersonInProject],
        data: JSONBody[RoleAssignment],
    ) -> Response[RoleAssigned]:
        granted = await role_actions.assign(actor, resource.id, resource.project, data.role)
        project = await queries.show_project_brief(resource.project)
        assigned = RoleAssigned(
            message=f"{resource.username} assigned as {data.role} in {project.name}",
            user_role=granted.user_role,
            created=granted.created,
        )
        return Response(assigned, status_code=201 if granted.created else 200)

    @post(
        "/{id:str}/remove_role/",
        guards=[requires(Action.MANAGE_MEMBERS, on=role_in_body)],
        status_code=200,
    )
    async def remove_role(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[PersonInProject],
        data: JSONBody[RoleRemoval],
    ) -> Message:
        await role_actions.remove(actor, resource.id, data.project_id)
        return Message(message=f"Role removed for {resource.username}")

    @delete("/{id:str}/", guards=[account_in_path])
    async def delete(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[Managed],
        if_match: NamedDependency[IfMatch],
    ) -> None:
        await user_actions.delete(actor, resource, if_match)
