"""Doors to the people of a project: its members and invitations."""

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, requires, signed_in
from ticketing_server.access.matrix import Action
from ticketing_server.accounts import queries, role_actions, role_queries
from ticketing_server.accounts.lookups import FoundInvitation, invitation_in_path
from ticketing_server.accounts.role_structs import (
    InvitationNew,
    InvitationOut,
    InvitationToken,
    Invited,
    Joined,
    MemberOut,
)
from ticketing_server.core.listing import ListResponse, Page, cut
from ticketing_server.core.structs import Id
from ticketing_server.projects.lookups import Place, project_in_path


class Members(Controller):
    """Who is in a project."""

    path = "/tickets/projects/{id:str}"
    tags = ("Projects",)

    @get(
        "/members/",
        guards=[requires(Action.VIEW_PROJECT, on=project_in_path)],
        response_class=ListResponse,
    )
    async def list_page(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resource: NamedDependency[Place],
        paging: NamedDependency[Page],
    ) -> list[MemberOut]:
        return cut(request, paging, await role_queries.list_members(actor, resource.project))


class Invitations(Controller):
    """How people from outside come in (rulings 6.9)."""

    path = "/tickets/projects/{id:str}/invitations"
    tags = ("Projects",)

    @get(
        "/",
        guards=[requires(Action.MANAGE_MEMBERS, on=project_in_path)],
        response_class=ListResponse,
    )
    async def list_page(
        self, request: AnyRequest, resource: NamedDependency[Place], paging: NamedDependency[Page]
    ) -> list[InvitationOut]:
        return cut(request, paging, await role_queries.list_invitations(resource.project))

    @post("/", guards=[requires(Action.MANAGE_MEMBERS, on=project_in_path)])
    async def create(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[Place],
        data: JSONBody[InvitationNew],
    ) -> Invited:
        invitation, token = await role_actions.invite(actor, resource.project, data)
        return await role_queries.show_invited(resource.project, invitation, token)

    @delete(
        "/{invitation:str}/",
        guards=[requires(Action.MANAGE_MEMBERS, on=invitation_in_path)],
    )
    async def revoke(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[FoundInvitation],
        invitation: FromPath[Id],
    ) -> None:
        await role_actions.revoke(actor, resource.id)


class Acceptance(Controller):
    """The other end of an invitation."""

    path = "/tickets/invitations"
    tags = ("Projects",)

    @post("/accept/", guards=[signed_in], status_code=200)
    async def accept(
        self, actor: NamedDependency[Actor], data: JSONBody[InvitationToken]
    ) -> Joined:
        accepted = await role_actions.accept(actor, data.token)
        project = await queries.show_project_brief(accepted.project)
        message = f"You are now {accepted.role} in {project.name}"
        return Joined(message=message, project=project, role=accepted.role)
