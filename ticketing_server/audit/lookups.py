"""Reads the query parameters by which the audit log is narrowed."""

from typing import Annotated

from litestar.params import FromQuery, QueryParameter

from ticketing_server.audit.queries import Filters
from ticketing_server.audit.structs import AuditAction, AuditedTable
from ticketing_server.core.errors import Invalid
from ticketing_server.core.parameters import Moment, Reader
from ticketing_server.core.structs import Id

Ids = Annotated[list[Id] | None, QueryParameter(description="Repeat it for any of several.")]


async def provide_audit_filters(
    user: Ids = None,
    account: Ids = None,
    project: Ids = None,
    company: Ids = None,
    action: FromQuery[list[AuditAction] | None] = None,
    table: FromQuery[list[AuditedTable] | None] = None,
    source: FromQuery[list[str] | None] = None,
    request_id: FromQuery[str | None] = None,
    created_after: Moment = None,
    created_before: Moment = None,
) -> Filters:
    """Raises Invalid on each that cannot be read."""
    read = Reader()
    filters = Filters(
        user=user,
        account=account,
        project=project,
        company=company,
        action=action,
        table=table,
        source=[read.text("source", each) for each in source] if source else None,
        request_id=None if request_id is None else read.text("request_id", request_id),
        created_after=read.moment("created_after", created_after),
        created_before=read.moment("created_before", created_before),
    )
    if read.wrong:
        raise Invalid(read.wrong)
    return filters
