"""Doors to accounts: signing in, and the users of the server."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.authentication import OPEN
from ticketing_server.access.guards import AnyRequest, requires, signed_in
from ticketing_server.access.matrix import Action
from ticketing_server.accounts import actions, queries, role_actions, role_queries, session_actions
from ticketing_server.accounts.lookups import (
    Person,
    PersonInProject,
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
from ticketing_server.accounts.structs import (
    AccessToken,
    Credentials,
    LoggedIn,
    Me,
    RefreshToken,
    Registered,
    Registration,
    UserNew,
    UserOut,
)
from ticketing_server.core.entity import Entity
from ticketing_server.core.errors import Forbidden
from ticketing_server.core.structs import Message
from ticketing_server.core.throttle import Throttle
from ticketing_server.core.tokens import Tokens
from ticketing_server.projects.lookups import Place
from ticketing_server.settings import Settings


class Authentication(Controller):
    """Coming in and going out; open to everybody but for `me`."""

    path = "/tickets/auth"
    tags = ("Authentication",)

    @post("/register/", opt={OPEN: True})
    async def register(
        self,
        request: AnyRequest,
        data: JSONBody[Registration],
        settings: NamedDependency[Settings],
        throttle: NamedDependency[Throttle],
        tokens: NamedDependency[Tokens],
    ) -> Registered:
        if settings.registration == "closed":
            raise Forbidden("Registration is closed.")
        await throttle.hit(_keys(request, "register", data.username))
        return await actions.register(data, tokens)

    @post("/login/", opt={OPEN: True}, status_code=200)
    async def login(
        self,
        request: AnyRequest,
        data: JSONBody[Credentials],
        throttle: NamedDependency[Throttle],
        tokens: NamedDependency[Tokens],
    ) -> LoggedIn:
        await throttle.hit(_keys(request, "login", data.username))
        return await session_actions.login(data, tokens)

    @post("/token/refresh/", opt={OPEN: True}, status_code=200)
    async def refresh(
        self,
        request: AnyRequest,
        data: JSONBody[RefreshToken],
        throttle: NamedDependency[Throttle],
        tokens: NamedDependency[Tokens],
    ) -> AccessToken:
        account = session_actions.holder_of(data.refresh, tokens)
        await throttle.hit(_keys(request, "refresh", account))
        return await session_actions.refresh(data.refresh, tokens)

    @post("/logout/", opt={OPEN: True}, status_code=204)
    async def logout(self, data: JSONBody[RefreshToken], tokens: NamedDependency[Tokens]) -> None:
        await session_actions.logout(data.refresh, tokens)

    @get("/me/", guards=[signed_in], response_class=Entity)
    async def me(self, actor: NamedDependency[Actor]) -> Me:
        return await queries.me(actor)


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
        return await queries.show_user(actor, user)

    @get("/{id:str}/roles/", guards=[person_in_path])
    async def roles(
        self, actor: NamedDependency[Actor], resource: NamedDependency[Person]
    ) -> HeldRoles:
        return HeldRoles(roles=await role_queries.list_roles(actor, resource.id))

    @post(
        "/{id:str}/assign_role/",
        guards=[requires(Action.MANAGE_MEMBERS, on=role_in_body)],
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


def _keys(request: AnyRequest, scope: str, account: str) -> list[str]:
    """Per address, and per account: neither one address nor many get further."""
    address = request.client.host if request.client else "-"
    return [f"{scope} address {address}", f"{scope} account {account.lower()}"]
