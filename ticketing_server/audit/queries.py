"""Every read of the audit log."""

import datetime as dt

import msgspec

from ticketing_server.audit.structs import AuditAction, AuditedTable, AuditEntryOut
from ticketing_server.core.db import Sql, joined, records, scalar
from ticketing_server.core.listing import Page

# What is somebody's own is found beside the entry, for as long as they are there.
ENTRIES = """
SELECT e.id, e.created_at, e.actor AS user, by.username, e.source, e.request_id, e.action,
    e.resource AS table, e.resource_id AS row, e.account, about.username AS account_username,
    e.project, e.company, e.fields,
    coalesce(e.old_value || d.old_value, e.old_value, d.old_value)::text AS old_value,
    coalesce(e.new_value || d.new_value, e.new_value, d.new_value)::text AS new_value
FROM (SELECT * FROM audit_entry e WHERE {} ORDER BY e.id DESC {}) e
LEFT JOIN audit_detail d ON d.entry = e.id
LEFT JOIN account by ON by.id = e.actor
LEFT JOIN account about ON about.id = e.account
ORDER BY e.id DESC
"""
COUNT = "SELECT count(*) FROM audit_entry e WHERE {}"


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Each None is not asked for; a list means any of its values."""

    user: list[int] | None = None
    account: list[int] | None = None
    project: list[int] | None = None
    company: list[int] | None = None
    action: list[AuditAction] | None = None
    table: list[AuditedTable] | None = None
    source: list[str] | None = None
    request_id: str | None = None
    created_after: dt.datetime | None = None
    created_before: dt.datetime | None = None

    def wanted(self) -> Sql:
        """On the alias `e`."""
        any_of = {
            "e.actor = ANY({}::bigint[])": self.user,
            "e.account = ANY({}::bigint[])": self.account,
            "e.project = ANY({}::bigint[])": self.project,
            "e.company = ANY({}::bigint[])": self.company,
            "e.action = ANY({}::text[])": self.action,
            "e.resource = ANY({}::text[])": self.table,
            "e.source = ANY({}::text[])": self.source,
        }
        found = [Sql("TRUE"), *(Sql(text, values) for text, values in any_of.items() if values)]
        if self.request_id is not None:
            found.append(Sql("e.request_id = {}", self.request_id))
        if self.created_after:
            found.append(Sql("e.created_at >= {}", self.created_after))
        if self.created_before:
            found.append(Sql("e.created_at < {}", self.created_before))
        return joined(" AND ", found)


async def list_entries(filters: Filters, page: Page) -> tuple[list[AuditEntryOut], int]:
    """A page of the log, newest first, and how many entries are wanted in all."""
    wanted = filters.wanted()
    found = await records(Sql(ENTRIES, wanted, page.limits()))
    return [_entry(one) for one in found], await scalar(Sql(COUNT, wanted), int)


def _entry(found: dict[str, object]) -> AuditEntryOut:
    values = {name: _decoded(found[name]) for name in ("old_value", "new_value")}
    return msgspec.convert({**found, **values}, AuditEntryOut)


def _decoded(value: object) -> object:
    return {} if value is None else msgspec.json.decode(str(value))
