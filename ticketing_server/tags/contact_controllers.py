"""Doors to contacts."""

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, parsed_id, requires, signed_in
from ticketing_server.access.matrix import Action
from ticketing_server.core.entity import Entity, IfMatch
from ticketing_server.core.listing import ListResponse, Page, Paged, paged
from ticketing_server.projects.lookups import Place, project_for
from ticketing_server.tags import contact_actions, contact_queries
from ticketing_server.tags.contact_structs import ContactNew, ContactOut, ContactPatch, ContactRow
from ticketing_server.tags.filters import Filters, provide_filters
from ticketing_server.tags.lookups import contact_in_path


class Contacts(Controller):
    """The people to call, of the caller's projects; to role user there are none (rulings 5.2)."""

    path = "/tickets/contacts"
    tags = ("Contacts",)

    @get(
        "/",
        guards=[signed_in],
        response_class=ListResponse,
        dependencies={"filters": provide_filters},
    )
    async def list_page(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        filters: NamedDependency[Filters],
        paging: NamedDependency[Page],
    ) -> Paged[ContactOut]:
        results, count = await contact_queries.list_page(actor, filters, paging)
        return paged(request, paging, count, results)

    @post(
        "/",
        guards=[requires(Action.CREATE_CONTACT, on=project_for(Action.CREATE_CONTACT))],
        response_class=Entity,
    )
    async def create(
        self,
        actor: NamedDependency[Actor],
        place: NamedDependency[Place],
        data: JSONBody[ContactNew],
    ) -> ContactOut:
        contact = await contact_actions.create(place.project, data)
        return await contact_queries.show(actor, contact)

    @get("/{id:str}/", guards=[signed_in], response_class=Entity)
    async def show(self, actor: NamedDependency[Actor], id: FromPath[str]) -> ContactOut:
        return await contact_queries.show(actor, parsed_id(id))

    @patch(
        "/{id:str}/",
        guards=[requires(Action.EDIT_CONTACT, on=contact_in_path)],
        response_class=Entity,
    )
    async def update(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[ContactRow],
        data: JSONBody[ContactPatch],
        if_match: NamedDependency[IfMatch],
    ) -> ContactOut:
        await contact_actions.update(resource, data, if_match)
        return await contact_queries.show(actor, resource.id)

    @delete("/{id:str}/", guards=[requires(Action.DELETE_CONTACT, on=contact_in_path)])
    async def delete(
        self, resource: NamedDependency[ContactRow], if_match: NamedDependency[IfMatch]
    ) -> None:
        await contact_actions.delete(resource, if_match)
