"""A company's door to its tickets; it stands here because companies lie below tickets."""

from litestar import Controller, get
from litestar.di import NamedDependency

from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import KnownAsker
from ticketing_server.access.guards import AnyRequest
from ticketing_server.companies.lookups import visible_company
from ticketing_server.companies.structs import CompanyRow
from ticketing_server.core.listing import ListResponse, Page, bare
from ticketing_server.tickets import list_queries
from ticketing_server.tickets.count_lookups import counts_of
from ticketing_server.tickets.structs import TicketOut


class CompanyTickets(Controller):
    """The tickets of a company that the caller sees."""

    path = "/tickets/companies"
    tags = ("Companies",)

    @get("/{id:str}/tickets/", guards=[visible_company], response_class=ListResponse)
    async def list_tickets(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CompanyRow],
        paging: NamedDependency[Page],
    ) -> list[TicketOut]:
        asker, counts = KnownAsker(actor), counts_of(request)
        found, count = await list_queries.list_of_company(asker, resource.id, paging, counts)
        return bare(request, paging, found, count)
