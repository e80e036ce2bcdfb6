"""Who changed accounts, roles, companies and projects; only triggers write it, nobody rewrites it.

Neither table points at what it tells of: that may be gone, and the entry stays
(`docs/decisions/0020-audit-log.md`).
"""

from piccolo.columns import JSONB, Array, BigInt, BigSerial, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from ticketing_server.core.db import DB


class AuditEntry(Table, tablename="audit_entry", db=DB):
    """One row of one table that came, changed or went.

    `resource` is the table, `account`, `project` and `company` are what the row is about. `actor`
    is who did it; null for a command, and for what was written by no door of the server: `source`
    is `api`, a command's name, or `database`. `fields` are all that changed, the values here only
    those that may outlive what they tell of: the others are in `AuditDetail`, secrets nowhere.
    """

    id = BigSerial(primary_key=True)
    created_at = Timestamptz(default=TimestamptzNow())
    actor = BigInt(null=True, default=None)
    source = Varchar(length=30)
    request_id = Varchar(length=64, null=True, default=None)
    action = Varchar(length=7)
    resource = Varchar(length=30)
    resource_id = BigInt()
    account = BigInt(null=True, default=None)
    project = BigInt(null=True, default=None)
    company = BigInt(null=True, default=None)
    fields = Array(base_column=Varchar(length=50))
    old_value = JSONB(null=True, default=None)
    new_value = JSONB(null=True, default=None)


class AuditDetail(Table, tablename="audit_detail", db=DB):
    """The values of an entry that are somebody's own: they go with the row that they tell of."""

    id = BigSerial(primary_key=True)
    entry = BigInt(unique=True)
    resource = Varchar(length=30)
    resource_id = BigInt()
    old_value = JSONB(null=True, default=None)
    new_value = JSONB(null=True, default=None)


class AuditCount(Table, tablename="audit_count", db=DB):
    """Steps whose sum is how many entries there are, by what the list asks and no index tells.

    Written by triggers on `audit_entry`; now and then one of them folds the steps into one a kind.
    """

    id = BigSerial(primary_key=True)
    source = Varchar(length=30)
    action = Varchar(length=7)
    resource = Varchar(length=30)
    entries = BigInt()
