"""A company's door to its tickets; it stands here because companies lie below tickets."""

from litestar import Controller, get
from litestar.di import NamedDependency

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest
from ticketing_server.companies.lookups import visible_company
from ticketing_server.companies.structs import CompanyRow
from ticketing_server.core.listing import ListResponse, Page, bare
from ticketing_server.tickets import queries
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
        return bare(request, paging, *await queries.list_of_company(actor, resource.id, paging))
