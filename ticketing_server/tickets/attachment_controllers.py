"""Doors to attachments, and to the files themselves."""

from typing import Any

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, parsed_id, requires, signed_in
from ticketing_server.access.matrix import Action
from ticketing_server.core.entity import Entity, IfMatch
from ticketing_server.core.listing import ListResponse, Page, cut
from ticketing_server.core.media.file_response import file_response
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.signatures import MediaLinks
from ticketing_server.core.media.uploads import uploaded_path
from ticketing_server.tickets import attachment_actions as actions
from ticketing_server.tickets import attachment_queries as queries
from ticketing_server.tickets.attachment_structs import (
    AttachmentNew,
    AttachmentOut,
    AttachmentRow,
)
from ticketing_server.tickets.lookups import attachment_in_path, provide_ticket, ticket_in_body
from ticketing_server.tickets.structs import TicketPlace

DELETE = (Action.DELETE_OWN_ATTACHMENT, Action.DELETE_OTHERS_ATTACHMENTS)
FOLDER = "attachments"


class Attachments(Controller):
    """The files of a ticket."""

    path = "/tickets/attachments"
    tags = ("Attachments",)

    @get(
        "/",
        guards=[signed_in],
        response_class=ListResponse,
        dependencies={"of_ticket": provide_ticket},
    )
    async def list_page(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        links: NamedDependency[MediaLinks],
        paging: NamedDependency[Page],
        of_ticket: NamedDependency[int],
    ) -> list[AttachmentOut]:
        return cut(request, paging, await queries.list_of(actor, of_ticket, links))

    @post(
        "/",
        guards=[requires(Action.ATTACH_FILES, on=ticket_in_body)],
        response_class=Entity,
        opt={"upload": FOLDER},
    )
    async def create(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        place: NamedDependency[TicketPlace],
        links: NamedDependency[MediaLinks],
        data: JSONBody[AttachmentNew],
    ) -> AttachmentOut:
        attached = await actions.attach(actor, place, data, uploaded_path(request))
        return await queries.show(actor, attached, links)

    @get("/{id:str}/", guards=[signed_in], response_class=Entity)
    async def show(
        self,
        actor: NamedDependency[Actor],
        links: NamedDependency[MediaLinks],
        id: FromPath[str],
    ) -> AttachmentOut:
        return await queries.show(actor, parsed_id(id), links)

    @delete(
        "/{id:str}/",
        guards=[requires(*DELETE, on=attachment_in_path, naming=actions.action_to_delete)],
    )
    async def delete(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[AttachmentRow],
        if_match: NamedDependency[IfMatch],
        storage: NamedDependency[Storage],
    ) -> None:
        await actions.delete(actor, resource, if_match, storage)


class AttachedFiles(Controller):
    """The bytes, for who may see the ticket or holds a signed address (rulings 5.5)."""

    path = f"/{FOLDER}"
    tags = ("Media",)

    @get("/{year:str}/{month:str}/{day:str}/{secret:str}/{filename:str}")
    async def show(
        self,
        request: AnyRequest,
        storage: NamedDependency[Storage],
        year: FromPath[str],
        month: FromPath[str],
        day: FromPath[str],
        secret: FromPath[str],
        filename: FromPath[str],
    ) -> Response[Any]:
        path = f"{FOLDER}/{year}/{month}/{day}/{secret}"
        file = await queries.find_file(request.user, path, filename)
        return await file_response(request, storage, file)
