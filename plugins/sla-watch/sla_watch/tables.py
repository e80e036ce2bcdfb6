"""The targets that projects have set for themselves."""

from piccolo.columns import BigSerial, ForeignKey, Integer, SmallInt
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from ticketing_server.plugins import DB, Project


class Target(Table, tablename="sla_watch_target", db=DB):
    """Of one priority; null: not watched. Without a row, the defaults hold."""

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    priority_id = SmallInt()
    first_response_minutes = Integer(null=True, default=None)
    resolution_minutes = Integer(null=True, default=None)
