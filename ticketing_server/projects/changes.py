"""Whether anything in a project has changed since somebody looked."""

from ticketing_server.core.db import Sql

# The changes of a transaction become visible all at once, when it commits: those that the older
# snapshot does not include, and this statement does, are what has happened in between. No lock and
# no counter is shared by those who write.
CHANGED_SINCE = """
EXISTS (
    SELECT FROM project_change h WHERE {}
        AND h.txid >= pg_snapshot_xmin({}::text::pg_snapshot)::text::bigint
        AND NOT pg_visible_in_snapshot(h.txid::text::xid8, {}::text::pg_snapshot)
)
"""


def changed_since(snapshot: str) -> Sql:
    """On the alias `p`; the snapshot is an earlier `pg_current_snapshot()` of this database.

    Of tickets, their assignees, followers and tags, companies, columns, roles and people's names.
    Changes are remembered for minutes: an older snapshot cannot be asked about.
    """
    return Sql(CHANGED_SINCE, Sql("h.project = p.id"), snapshot, snapshot)


def changed_in(projects: list[int] | None, snapshot: str) -> Sql:
    """The same of any of these projects, or of any there is."""
    if projects is None:
        return Sql(CHANGED_SINCE, Sql("TRUE"), snapshot, snapshot)
    among = Sql("h.project = ANY({}::bigint[])", projects)
    return Sql(CHANGED_SINCE, among, snapshot, snapshot)
