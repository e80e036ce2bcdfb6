"""What happened, and what the server remembers between requests."""

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Bytea,
    ForeignKey,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from ticketing_server.core.db import DB

from .people import Account
from .projects import Project
from .tickets import Ticket


class Event(Table, tablename="event", db=DB):
    """One changed field of one ticket, or one thing done to it (rulings 4.11).

    People stand in `old_value` and `new_value` as ids only, so that a deleted person's name is gone
    everywhere. `ticket` is null once the ticket is deleted: the event of its deletion stays.
    `company` is the ticket's as it is now, kept by triggers.
    """

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    ticket = ForeignKey(Ticket, null=True, on_delete=OnDelete.cascade)
    actor = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    action = Varchar(length=20)
    field = Varchar(length=20, null=True, default=None)
    old_value = JSONB(null=True, default=None)
    new_value = JSONB(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    company = BigInt(null=True, default=None)


class IdempotentAnswer(Table, tablename="idempotent_answer", db=DB):
    """The first answer to a POST that carried an `Idempotency-Key` (rulings 1.11)."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    key = Varchar(length=255)
    fingerprint = Bytea()
    status = SmallInt()
    headers = JSONB()
    body = Bytea()
    created_at = Timestamptz(default=TimestamptzNow())


class Throttle(Table, tablename="throttle", db=DB):
    """How often a key was used in the window that ends at `ends_at` (rulings 2.10)."""

    id = BigSerial(primary_key=True)
    key = Varchar(length=128, unique=True)
    hits = Integer(default=0)
    ends_at = Timestamptz()


class ProjectChange(Table, tablename="project_change", db=DB):
    """That a transaction has changed something in a project; written by triggers, kept for minutes.

    No key to the project: what is changed may be its end.
    """

    id = BigSerial(primary_key=True)
    project = BigInt()
    txid = BigInt()
    created_at = Timestamptz(default=TimestamptzNow())


class UnclaimedFile(Table, tablename="unclaimed_file", db=DB):
    """A stored file that no row owns (yet, or any more); it is removed once it is due.

    An upload is announced here before its first byte and claimed by the row that will own it; the
    file of a row that goes comes back here, by a trigger, whatever made the row go.
    """

    id = BigSerial(primary_key=True)
    path = Varchar(length=255, unique=True)
    due_at = Timestamptz()
