"""Every read of the audit log."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from ticketing_server.audit.structs import AuditAction, AuditedTable, AuditEntryOut
from ticketing_server.core.db import Sql, joined, literal, records, scalar
from ticketing_server.core.listing import Page, count_all

# From here on counting first pays for itself: it says which end is nearer.
FAR = 1000

# Ids are cut out first, which an index tells. What is somebody's own is found beside the entry, for
# as long as they are there.
ENTRIES = """
SELECT e.id, e.created_at, e.actor AS user, by.username, e.source, e.request_id, e.action,
    e.resource AS table, e.resource_id AS row, e.account, about.username AS account_username,
    e.project, e.company, e.fields,
    coalesce(e.old_value || d.old_value, e.old_value, d.old_value)::text AS old_value,
    coalesce(e.new_value || d.new_value, e.new_value, d.new_value)::text AS new_value
FROM ({}) page JOIN audit_entry e ON e.id = page.id
LEFT JOIN audit_detail d ON d.entry = e.id
LEFT JOIN account by ON by.id = e.actor
LEFT JOIN account about ON about.id = e.account
ORDER BY e.id DESC
"""
NEWEST = "SELECT e.id FROM audit_entry e WHERE {} ORDER BY e.id DESC LIMIT {} OFFSET {}"
OLDEST = "SELECT e.id FROM audit_entry e WHERE {} ORDER BY e.id LIMIT {} OFFSET {}"
COUNTED = "SELECT count(*) FROM audit_entry e WHERE {}"
KEPT = "SELECT coalesce(sum(e.entries), 0)::bigint FROM audit_count e WHERE {}"
# What `audit_count` knows of an entry.
OF_COUNTS = ("action", "table", "source")
TIMES = ("expires_at", "accepted_at")


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Each None is not asked for; a list means any of its values."""

    user: list[int] | None = None
    account: list[int] | None = None
    project: list[int] | None = None
    company: list[int] | None = None
    action: list[AuditAction] | None = None
    table: list[AuditedTable] | None = None
    source: list[str] | None = None
    request_id: list[str] | None = None
    created_after: dt.datetime | None = None
    created_before: dt.datetime | None = None

    def wanted(self) -> Sql:
        """On the alias `e`."""
        lists: list[tuple[str, str, Sequence[object] | None]] = [
            ("e.actor", "bigint", self.user),
            ("e.account", "bigint", self.account),
            ("e.project", "bigint", self.project),
            ("e.company", "bigint", self.company),
            ("e.action", "text", self.action),
            ("e.resource", "text", self.table),
            ("e.source", "text", self.source),
            ("e.request_id", "text", self.request_id),
        ]
        any_of = (_is_any(column, kind, values) for column, kind, values in lists if values)
        found = [Sql("TRUE"), *any_of]
        if self.created_after:
            found.append(Sql("e.created_at >= {}", self.created_after))
        if self.created_before:
            found.append(Sql("e.created_at < {}", self.created_before))
        return joined(" AND ", found)

    def counting(self) -> Sql:
        """How many entries are wanted: from the kept counts, unless those cannot tell."""
        asked = {name for name in self.__struct_fields__ if getattr(self, name) not in (None, [])}
        return Sql(KEPT if asked <= set(OF_COUNTS) else COUNTED, self.wanted())


async def list_entries(filters: Filters, page: Page) -> tuple[list[AuditEntryOut], int]:
    """A page of the log, newest first, and how many entries are wanted in all.

    Raises InvalidPage for one that lies far past the end.
    """
    if page.offset < FAR:
        newest = Sql(NEWEST, filters.wanted(), literal(page.size), literal(page.offset))
        found = await records(Sql(ENTRIES, newest))
        count = await count_all(page, found, filters.counting())
    else:
        count = await scalar(filters.counting(), int)
        page.check(count)
        found = await records(Sql(ENTRIES, _far(filters, page, count)))
    return [_entry(one) for one in found], count


def _far(filters: Filters, page: Page, count: int) -> Sql:
    """The ids of a page that exists, from the end of the list that is nearer."""
    asked = min(page.size, count - page.offset)
    behind = count - page.offset - asked
    end, skipped = (OLDEST, behind) if behind < page.offset else (NEWEST, page.offset)
    return Sql(end, filters.wanted(), literal(asked), literal(skipped))


def _is_any(column: str, kind: str, values: Sequence[object]) -> Sql:
    """Of a single value an index has the entries in the order of the list, of several none."""
    if len(values) == 1:
        return Sql(f"{column} = {{}}::{kind}", values[0])
    return Sql(f"{column} = ANY({{}}::{kind}[])", values)


def _entry(found: dict[str, object]) -> AuditEntryOut:
    values = {name: _decoded(found[name]) for name in ("old_value", "new_value")}
    return msgspec.convert({**found, **values}, AuditEntryOut)


def _decoded(value: object) -> dict[str, object]:
    """Moments are written there as the database writes them, and told as everywhere (1.2)."""
    if value is None:
        return {}
    decoded = msgspec.json.decode(str(value), type=dict[str, object])
    moments = {name: decoded[name] for name in TIMES if decoded.get(name)}
    return decoded | {name: _moment(str(text)) for name, text in moments.items()}


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
