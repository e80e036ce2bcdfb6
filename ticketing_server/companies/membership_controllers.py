"""Doors to the people of a company."""

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import requires_in_all
from ticketing_server.access.matrix import Action
from ticketing_server.accounts.queries import get_account
from ticketing_server.companies import membership_actions, queries
from ticketing_server.companies.lookups import company_in_path
from ticketing_server.companies.structs import (
    ClientCreated,
    ClientNew,
    CompanyRow,
    Member,
    MembershipChanged,
)
from ticketing_server.core.media.signatures import MediaLinks


class Memberships(Controller):
    """Who looks after a company, who belongs to it; each comes with a role (rulings 6.3)."""

    path = "/tickets/companies/{id:str}"
    tags = ("Companies",)
    guards = (requires_in_all(Action.EDIT_COMPANY, on=company_in_path),)

    @post("/assign_admin/", status_code=200)
    async def assign_admin(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CompanyRow],
        links: NamedDependency[MediaLinks],
        data: JSONBody[Member],
    ) -> MembershipChanged:
        name = await membership_actions.assign(actor, resource, data.user_id, "admin")
        return await _changed(
            actor, resource, links, f"{name} assigned as admin to {resource.name}"
        )

    @post("/remove_admin/", status_code=200)
    async def remove_admin(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CompanyRow],
        links: NamedDependency[MediaLinks],
        data: JSONBody[Member],
    ) -> MembershipChanged:
        name = await membership_actions.remove(actor, resource, data.user_id, "admin")
        return await _changed(actor, resource, links, f"{name} removed from {resource.name} admins")

    @post("/assign_user/", status_code=200)
    async def assign_user(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CompanyRow],
        links: NamedDependency[MediaLinks],
        data: JSONBody[Member],
    ) -> MembershipChanged:
        name = await membership_actions.assign(actor, resource, data.user_id, "user")
        return await _changed(actor, resource, links, f"{name} assigned to {resource.name}")

    @post("/remove_user/", status_code=200)
    async def remove_user(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CompanyRow],
        links: NamedDependency[MediaLinks],
        data: JSONBody[Member],
    ) -> MembershipChanged:
        name = await membership_actions.remove(actor, resource, data.user_id, "user")
        return await _changed(actor, resource, links, f"{name} removed from {resource.name}")

    @post("/create_user/")
    async def create_user(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CompanyRow],
        data: JSONBody[ClientNew],
    ) -> ClientCreated:
        user = await get_account(await membership_actions.create_user(actor, resource, data))
        message = f"User {user.username} created and assigned to {resource.name}"
        return ClientCreated(message=message, user=user.brief())


async def _changed(
    actor: Actor, company: CompanyRow, links: MediaLinks, message: str
) -> MembershipChanged:
    shown = await queries.show(actor, company.id, links)
    return MembershipChanged(message=message, company=shown)
