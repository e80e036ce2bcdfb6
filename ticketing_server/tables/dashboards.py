"""What dashboards read instead of looking at every ticket; only triggers write it.

Both counts are steps whose sum is the count, as in `TicketCount`.
"""

from piccolo.columns import BigInt, BigSerial, Boolean, Date, Integer, SmallInt
from piccolo.table import Table

from ticketing_server.core.db import DB


class PressingTicket(Table, tablename="pressing_ticket", db=DB):
    """An open ticket that is urgent or has a due date: all that can ever need attention.

    `id` is the ticket's; the columns that say who may see it are named as the ticket's are.
    """

    id = BigInt(primary_key=True)
    project = BigInt()
    company = BigInt(null=True, default=None)
    reporter = BigInt(null=True, default=None)
    number = Integer()
    priority_id = SmallInt()
    due_date = Date(null=True, default=None)
    is_urgent = Boolean()
    is_critical = Boolean()
    is_urgent_unassigned = Boolean()


class PressingCount(Table, tablename="pressing_count", db=DB):
    """Of a company's pressing tickets of one due date: how many, and how many of each class."""

    id = BigSerial(primary_key=True)
    project = BigInt()
    company = BigInt()
    due_date = Date(null=True, default=None)
    tickets = BigInt()
    urgent = BigInt()
    critical = BigInt()
    urgent_unassigned = BigInt()


class AssignedCount(Table, tablename="assigned_count", db=DB):
    """How many tickets of an agent are open in a column, or were resolved on a day not long ago."""

    id = BigSerial(primary_key=True)
    project = BigInt()
    account = BigInt()
    open_in = BigInt(null=True, default=None)
    resolved_on = Date(null=True, default=None)
    tickets = BigInt()
