"""Projects, who holds which role in them, and their boards."""

from piccolo.columns import Array, BigSerial, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from ticketing_server.core.db import DB

from .people import Account


class Project(Table, tablename="project", db=DB):
    """`widgets` are the slugs of those on its dashboard, in order; null: all there are."""

    id = BigSerial(primary_key=True)
    name = Varchar(length=255)
    key = Varchar(length=10, unique=True)
    description = Text(default="")
    widgets = Array(base_column=Varchar(length=50), null=True, default=None)
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class ProjectCounter(Table, tablename="project_counter", db=DB):
    """The last ticket number given out; a row of its own, so that numbering locks no project."""

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, unique=True, on_delete=OnDelete.cascade)
    last_number = Integer(default=0)


class UserRole(Table, tablename="user_role", db=DB):
    """The role that a person holds in a project, and where it comes from (rulings 6.3).

    `granted` is the role that somebody assigned by hand; null when the role is there only because
    of a company. `role` is what counts.
    """

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    role = Varchar(length=10)
    granted = Varchar(length=10, null=True, default=None)
    assigned_by = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    assigned_at = Timestamptz(default=TimestamptzNow())


class BoardColumn(Table, tablename="board_column", db=DB):
    """A kanban column; its `status` is a slug of its name (rulings 3.5)."""

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=255)
    status = Varchar(length=255)
    category = Varchar(length=11)
    order = Integer(default=0)
    color = Varchar(length=7, default="#0052cc")
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class Invitation(Table, tablename="invitation", db=DB):
    """A one-time way into a project; the token is kept only as a hash (rulings 6.9)."""

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    role = Varchar(length=10)
    email = Varchar(length=254, null=True, default=None)
    token_hash = Varchar(length=64, unique=True)
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    accepted_by = ForeignKey(Account, null=True, on_delete=OnDelete.set_null)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz()
    accepted_at = Timestamptz(null=True, default=None)
