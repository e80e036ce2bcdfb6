"""Whether all is told to the audit log, and how long it is kept."""

import msgspec

from ticketing_server.core.db import Sql, row, scalars
from ticketing_server.settings import Settings

from .finding import Finding

# What writes the log, and what guards it: each trigger by the table it is on.
TOLD = ("audit_changed", "audit_created", "audit_deleted", "audit_same_id", "audit_truncated")
TRIGGERS = {
    **dict.fromkeys(("account", "company", "company_member", "company_project"), TOLD),
    **dict.fromkeys(("invitation", "project", "user_role"), TOLD),
    "audit_entry": (
        "audit_entry_added",
        "audit_entry_counted",
        "audit_entry_removed",
        "audit_entry_stays",
    ),
    "audit_detail": ("audit_detail_added", "audit_detail_goes", "audit_detail_stays"),
    "audit_count": ("audit_count_ours",),
}
OFF = """
SELECT DISTINCT wanted.of FROM unnest({}::text[], {}::text[]) AS wanted(of, name)
WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = wanted.of::regclass
    AND tgname = wanted.name AND tgenabled IN ('O', 'A'))
ORDER BY 1
"""
LENGTH = """
SELECT (SELECT coalesce(sum(entries), 0)::bigint FROM audit_count) AS entries,
    EXISTS (SELECT FROM audit_entry WHERE created_at < now() - {} * interval '1 day'
        AND resource <> 'audit_entry') AS is_late
"""


class _Length(msgspec.Struct):
    entries: int
    is_late: bool


async def kept(settings: Settings) -> Finding:
    named = [(table, name) for table, names in TRIGGERS.items() for name in names]
    tables, names = map(list, zip(*named, strict=True))
    if off := await scalars(Sql(OFF, tables, names), str):
        found = f"changes of {', '.join(off)} go untold, or can be untold"
        advice = "Switch the triggers on again: ALTER TABLE … ENABLE TRIGGER USER; or restore."
        return Finding.warning("audit log", found, advice)
    return await _length(settings.audit_log_days)


async def _length(days: int | None) -> Finding:
    """A day has passed before it is due, and with housekeeping another one never does."""
    length = await row(Sql(LENGTH, (days or 0) + 2), _Length)
    assert length is not None
    if days is None:
        return Finding("audit log", f"{length.entries:,} entries, kept for ever")
    found = f"{length.entries:,} entries, kept for {days} days"
    if length.is_late:
        advice = "`serve` removes the older ones; if it runs with AUDIT_LOG_DAYS, look in its log."
        return Finding.warning("audit log", f"{found}, and there are older ones", advice)
    return Finding("audit log", found)
