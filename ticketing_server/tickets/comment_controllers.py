"""Doors to comments."""

from litestar import Controller, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import KnownAsker
from ticketing_server.access.guards import AnyRequest, asker_of, parsed_id, requires
from ticketing_server.access.matrix import Action
from ticketing_server.access.reading import read
from ticketing_server.core.entity import Entity, IfMatch
from ticketing_server.core.listing import ListResponse, PageNumber, PageSize, bare, page_of
from ticketing_server.tickets import comment_actions, comment_queries, ownership
from ticketing_server.tickets.comment_structs import (
    CommentNew,
    CommentOut,
    CommentPatch,
    CommentRow,
)
from ticketing_server.tickets.lookups import (
    TicketParameter,
    comment_in_path,
    named_ticket,
    ticket_in_body,
)

EDIT = (Action.EDIT_OWN_COMMENT, Action.EDIT_OTHERS_COMMENTS)
DELETE = (Action.DELETE_OWN_COMMENT, Action.DELETE_OTHERS_COMMENTS)


class Comments(Controller):
    """What is said about the tickets that the caller sees (rulings 5.3)."""

    path = "/tickets/comments"
    tags = ("Comments",)

    @read("/", response_class=ListResponse)
    async def list_page(
        self,
        request: AnyRequest,
        ticket: TicketParameter = None,
        page: PageNumber = None,
        page_size: PageSize = None,
    ) -> list[CommentOut]:
        paging, of_ticket = page_of(page, page_size), named_ticket(ticket)
        found = await comment_queries.list_of(asker_of(request), of_ticket, paging)
        return bare(request, paging, *found)

    @post(
        "/",
        guards=[requires(Action.COMMENT_ON_TICKETS, on=ticket_in_body)],
        response_class=Entity,
    )
    async def create(self, actor: NamedDependency[Actor], data: JSONBody[CommentNew]) -> CommentOut:
        created = await comment_actions.create(actor, data)
        return await comment_queries.show(KnownAsker(actor), created)

    @read("/{id:str}/", response_class=Entity)
    async def show(self, request: AnyRequest, id: FromPath[str]) -> CommentOut:
        return await comment_queries.show(asker_of(request), parsed_id(id))

    @patch(
        "/{id:str}/",
        guards=[requires(*EDIT, on=comment_in_path, naming=ownership.action_to_edit_comment)],
        response_class=Entity,
    )
    async def update(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CommentRow],
        data: JSONBody[CommentPatch],
        if_match: NamedDependency[IfMatch],
    ) -> CommentOut:
        await comment_actions.update(actor, resource, data, if_match)
        return await comment_queries.show(KnownAsker(actor), resource.id)

    @delete(
        "/{id:str}/",
        guards=[requires(*DELETE, on=comment_in_path, naming=ownership.action_to_delete_comment)],
    )
    async def delete(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CommentRow],
        if_match: NamedDependency[IfMatch],
    ) -> None:
        await comment_actions.delete(actor, resource, if_match)
