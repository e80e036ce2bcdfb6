"""Tags of a project, and the contacts that hang on them."""

from piccolo.columns import BigSerial, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from ticketing_server.core.db import DB

from .projects import Project


class Tag(Table, tablename="tag", db=DB):
    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=255)
    description = Text(default="")
    color = Varchar(length=7, default="#0052cc")
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class Contact(Table, tablename="contact", db=DB):
    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=255)
    email = Varchar(length=254, default="")
    phone = Varchar(length=64, default="")
    title = Varchar(length=255, default="")
    department = Varchar(length=255, default="")
    description = Text(default="")
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class TagContact(Table, tablename="tag_contact", db=DB):
    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    tag = ForeignKey(Tag, null=False, on_delete=OnDelete.cascade)
    contact = ForeignKey(Contact, null=False, on_delete=OnDelete.cascade)
    role = Varchar(length=255, default="")
    added_at = Timestamptz(default=TimestamptzNow())
