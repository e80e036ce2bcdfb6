"""Doors to tickets."""

from typing import Annotated

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import KnownAsker
from ticketing_server.access.guards import AnyRequest, asker_of, parsed_id, requires
from ticketing_server.access.matrix import Action
from ticketing_server.access.reading import read
from ticketing_server.core.entity import Entity, IfMatch
from ticketing_server.core.listing import (
    ListResponse,
    Page,
    Paged,
    PageNumber,
    PageSize,
    bare,
    page_of,
    paged,
)
from ticketing_server.core.order import ordered_by
from ticketing_server.projects.structs import BoardColumnRow
from ticketing_server.tickets import actions, change_actions, list_queries, ownership, queries
from ticketing_server.tickets.count_lookups import counts_of
from ticketing_server.tickets.filter_parameters import provide_filters
from ticketing_server.tickets.filters import ORDERED_BY, Filters
from ticketing_server.tickets.lookups import column_in_body, ticket_in_path
from ticketing_server.tickets.structs import (
    Following,
    HistoryItem,
    TicketNew,
    TicketOut,
    TicketPatch,
    TicketRow,
)

Ordering = Annotated[str | None, ordered_by(ORDERED_BY)]
EDIT = (Action.EDIT_OWN_TICKET, Action.EDIT_OTHERS_TICKETS, Action.ASSIGN_TICKETS)
DELETE = (Action.DELETE_OWN_TICKET, Action.DELETE_OTHERS_TICKETS)


class Tickets(Controller):
    """The tickets that the caller sees."""

    path = "/tickets/tickets"
    tags = ("Tickets",)

    @read("/", response_class=ListResponse, dependencies={"filters": provide_filters})
    async def list_page(
        self,
        request: AnyRequest,
        filters: NamedDependency[Filters],
        page: PageNumber = None,
        page_size: PageSize = None,
        ordering: FromQuery[Ordering] = None,
    ) -> Paged[TicketOut]:
        asker, paging, counts = asker_of(request), page_of(page, page_size), counts_of(request)
        results, count = await list_queries.list_page(asker, filters, ordering, paging, counts)
        return paged(request, paging, count, results)

    @post(
        "/",
        guards=[requires(Action.CREATE_TICKET, on=column_in_body)],
        response_class=Entity,
    )
    async def create(
        self,
        actor: NamedDependency[Actor],
        place: NamedDependency[BoardColumnRow],
        data: JSONBody[TicketNew],
    ) -> TicketOut:
        created = await actions.create(actor, place, data)
        return await queries.show(KnownAsker(actor), created)

    @read("/{id:str}/", response_class=Entity)
    async def show(self, request: AnyRequest, id: FromPath[str]) -> TicketOut:
        return await queries.show(asker_of(request), parsed_id(id))

    @patch(
        "/{id:str}/",
        guards=[requires(*EDIT, on=ticket_in_path, naming=ownership.action_to_edit)],
        response_class=Entity,
    )
    async def update(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[TicketRow],
        data: JSONBody[TicketPatch],
        if_match: NamedDependency[IfMatch],
    ) -> TicketOut:
        await change_actions.update(actor, resource, data, if_match)
        return await queries.show(KnownAsker(actor), resource.id)

    @post(
        "/{id:str}/toggle_follow/",
        guards=[requires(Action.FOLLOW_TICKETS, on=ticket_in_path)],
        status_code=200,
    )
    async def toggle_follow(
        self, actor: NamedDependency[Actor], resource: NamedDependency[TicketRow]
    ) -> Following:
        return Following(following=await actions.toggle_follow(actor, resource))

    @get(
        "/{id:str}/history/",
        guards=[requires(Action.VIEW_PROJECT, on=ticket_in_path)],
        response_class=ListResponse,
    )
    async def history(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resource: NamedDependency[TicketRow],
        paging: NamedDependency[Page],
    ) -> list[HistoryItem]:
        return bare(request, paging, *await queries.list_history(actor, resource.id, paging))

    @delete(
        "/{id:str}/",
        guards=[requires(*DELETE, on=ticket_in_path, naming=ownership.action_to_delete)],
    )
    async def delete(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[TicketRow],
        if_match: NamedDependency[IfMatch],
    ) -> None:
        await actions.delete(actor, resource, if_match)
