"""Tickets and what hangs on them."""

from piccolo.columns import (
    BigInt,
    BigSerial,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from ticketing_server.core.db import DB

from .companies import Company
from .people import Account
from .projects import BoardColumn, Project
from .tags import Tag


class Ticket(Table, tablename="ticket", db=DB):
    """`number` counts per project and is given by the database when it is left out.

    Its status is its column's, so there is no such column here (rulings 4.2).
    """

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    number = Integer(default=None)
    name = Varchar(length=500)
    description = Text(default="")
    type = Varchar(length=5, default="task")
    priority_id = SmallInt(default=3)
    urgency = Varchar(length=8, default="medium")
    importance = Varchar(length=8, default="medium")
    column = ForeignKey(BoardColumn, null=False, on_delete=OnDelete.no_action)
    company = ForeignKey(Company, null=True, on_delete=OnDelete.no_action)
    reporter = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    due_date = Date(null=True, default=None)
    start_date = Date(null=True, default=None)
    resolved_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class TicketCount(Table, tablename="ticket_count", db=DB):
    """Steps whose sum is how many tickets stand in a column and belong to a company, or to none.

    Written by triggers on `ticket`: whoever adds, moves or deletes a ticket adds a step, so writers
    share no row, and now and then one of them folds the steps of its project into one a place.
    """

    id = BigSerial(primary_key=True)
    project = BigInt()
    column = BigInt()
    company = BigInt(null=True, default=None)
    tickets = BigInt()


class TicketKindCount(Table, tablename="ticket_kind_count", db=DB):
    """The same by column, type and priority."""

    id = BigSerial(primary_key=True)
    project = BigInt()
    column = BigInt()
    type = Varchar(length=5)
    priority_id = SmallInt()
    tickets = BigInt()


class TicketWords(Table, tablename="ticket_words", db=DB):
    """The words of a ticket, kept by triggers; they are a column that Piccolo has no type for.

    Apart from the ticket they are rewritten only with its name or description, and the rest of the
    row, which never changes, is so short that a common word's are looked through in milliseconds.
    """

    ticket = BigInt(primary_key=True)
    project = BigInt()
    created_at = Timestamptz()


class TicketAssignee(Table, tablename="ticket_assignee", db=DB):
    """Triggers write in which column the ticket is open, or when it was resolved."""

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    ticket = ForeignKey(Ticket, null=False, on_delete=OnDelete.cascade)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    open_in = BigInt(null=True, default=None)
    resolved_on = Date(null=True, default=None)


class TicketFollower(Table, tablename="ticket_follower", db=DB):
    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    ticket = ForeignKey(Ticket, null=False, on_delete=OnDelete.cascade)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)


class TicketTag(Table, tablename="ticket_tag", db=DB):
    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    ticket = ForeignKey(Ticket, null=False, on_delete=OnDelete.cascade)
    tag = ForeignKey(Tag, null=False, on_delete=OnDelete.cascade)


class Comment(Table, tablename="comment", db=DB):
    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    ticket = ForeignKey(Ticket, null=False, on_delete=OnDelete.cascade)
    author = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    content = Text()
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class Attachment(Table, tablename="attachment", db=DB):
    """`path` is where the bytes lie below the media directory; `size` is in bytes."""

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    ticket = ForeignKey(Ticket, null=False, on_delete=OnDelete.cascade)
    uploaded_by = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    path = Varchar(length=255, unique=True)
    filename = Varchar(length=255)
    content_type = Varchar(length=127)
    size = BigInt()
    uploaded_at = Timestamptz(default=TimestamptzNow())
