"""Doors to tags and the contacts on them."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, parsed_id, requires, signed_in
from ticketing_server.access.matrix import Action
from ticketing_server.core.entity import Entity, IfMatch
from ticketing_server.core.listing import ListResponse, Page, Paged, paged
from ticketing_server.core.structs import Message
from ticketing_server.projects.lookups import Place, project_for
from ticketing_server.tags import actions, queries
from ticketing_server.tags.filters import Filters, provide_filters
from ticketing_server.tags.lookups import tag_in_path
from ticketing_server.tags.structs import (
    ContactAddition,
    ContactRemoval,
    TagContactOut,
    TagNew,
    TagOut,
    TagPatch,
    TagRow,
)


class Tags(Controller):
    """The tags of the caller's projects."""

    path = "/tickets/tags"
    tags = ("Tags",)

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
    ) -> Paged[TagOut]:
        results, count = await queries.list_page(actor, filters, paging)
        return paged(request, paging, count, results)

    @post(
        "/",
        guards=[requires(Action.CREATE_TAG, on=project_for(Action.CREATE_TAG))],
        response_class=Entity,
    )
    async def create(
        self, actor: NamedDependency[Actor], place: NamedDependency[Place], data: JSONBody[TagNew]
    ) -> TagOut:
        return await queries.show(actor, await actions.create(place.project, data))

    @get("/{id:str}/", guards=[signed_in], response_class=Entity)
    async def show(self, actor: NamedDependency[Actor], id: FromPath[str]) -> TagOut:
        return await queries.show(actor, parsed_id(id))

    @patch(
        "/{id:str}/",
        guards=[requires(Action.EDIT_TAG, on=tag_in_path)],
        response_class=Entity,
    )
    async def update(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[TagRow],
        data: JSONBody[TagPatch],
        if_match: NamedDependency[IfMatch],
    ) -> TagOut:
        await actions.update(resource, data, if_match)
        return await queries.show(actor, resource.id)

    @delete("/{id:str}/", guards=[requires(Action.DELETE_TAG, on=tag_in_path)])
    async def delete(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[TagRow],
        if_match: NamedDependency[IfMatch],
    ) -> None:
        await actions.delete(actor, resource, if_match)

    @get(
        "/{id:str}/contacts/",
        guards=[requires(Action.VIEW_TAGS, on=tag_in_path)],
        response_class=ListResponse,
    )
    async def contacts(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resource: NamedDependency[TagRow],
        paging: NamedDependency[Page],
    ) -> Paged[TagContactOut]:
        results, count = await queries.list_links(actor, resource.id, paging)
        return paged(request, paging, count, results)

    @post(
        "/{id:str}/add_contact/",
        guards=[requires(Action.EDIT_TAG, on=tag_in_path)],
        responses={
            200: ResponseSpec(TagContactOut, description="It was there", generate_examples=False)
        },
    )
    async def add_contact(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[TagRow],
        data: JSONBody[ContactAddition],
    ) -> Response[TagContactOut]:
        linked = await actions.add_contact(resource, data)
        link = await queries.show_link(actor, linked.id)
        return Response(link, status_code=201 if linked.created else 200)

    @post(
        "/{id:str}/remove_contact/",
        guards=[requires(Action.EDIT_TAG, on=tag_in_path)],
        status_code=200,
    )
    async def remove_contact(
        self, resource: NamedDependency[TagRow], data: JSONBody[ContactRemoval]
    ) -> Message:
        contact = await actions.remove_contact(resource, data.contact_id)
        return Message(message=f"{contact} removed from {resource.name}")
