"""Reads the query parameters by which the audit log is narrowed."""

from litestar.params import FromQuery

from ticketing_server.audit.queries import Filters
from ticketing_server.audit.structs import AuditAction, AuditedTable
from ticketing_server.core.errors import Invalid
from ticketing_server.core.parameters import Ids, Moments, Reader


async def provide_audit_filters(
    user: Ids = None,
    account: Ids = None,
    project: Ids = None,
    company: Ids = None,
    action: FromQuery[list[AuditAction] | None] = None,
    table: FromQuery[list[AuditedTable] | None] = None,
    source: FromQuery[list[str] | None] = None,
    request_id: FromQuery[list[str] | None] = None,
    created_after: Moments = None,
    created_before: Moments = None,
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
        source=[read.text("source", each) for each in source or []],
        request_id=[read.text("request_id", each) for each in request_id or []],
        created_after=min(read.moments("created_after", created_after), default=None),
        created_before=max(read.moments("created_before", created_before), default=None),
    )
    if read.wrong:
        raise Invalid(read.wrong)
    return filters
