"""The door to the audit log: superusers read it, nobody writes it."""

from litestar import Controller, get
from litestar.di import NamedDependency

from ticketing_server.access.guards import AnyRequest, superuser
from ticketing_server.audit import queries
from ticketing_server.audit.lookups import provide_audit_filters
from ticketing_server.audit.queries import Filters
from ticketing_server.audit.structs import AuditEntryOut
from ticketing_server.core.listing import ListResponse, Page, Paged, paged


class AuditLog(Controller):
    """Who changed accounts, roles, companies and projects."""

    path = "/tickets/audit-log"
    tags = ("Audit log",)

    @get(
        "/",
        guards=[superuser],
        response_class=ListResponse,
        dependencies={"filters": provide_audit_filters},
    )
    async def list_page(
        self,
        request: AnyRequest,
        filters: NamedDependency[Filters],
        paging: NamedDependency[Page],
    ) -> Paged[AuditEntryOut]:
        results, count = await queries.list_entries(filters, paging)
        return paged(request, paging, count, results)
