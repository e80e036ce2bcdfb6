"""The client organisations that are looked after."""

from piccolo.columns import BigSerial, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from ticketing_server.core.db import DB

from .people import Account
from .projects import Project


class Company(Table, tablename="company", db=DB):
    """`logo` and `logo_thumbnail` are paths below the media directory."""

    id = BigSerial(primary_key=True)
    name = Varchar(length=255)
    description = Text(default="")
    logo = Varchar(length=255, null=True, default=None)
    logo_thumbnail = Varchar(length=255, null=True, default=None)
    primary_contact_email = Varchar(length=254, default="")
    phone = Varchar(length=64, default="")
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class CompanyProject(Table, tablename="company_project", db=DB):
    """A company belongs to one or more projects (rulings 6.1)."""

    id = BigSerial(primary_key=True)
    project = ForeignKey(Project, null=False, on_delete=OnDelete.cascade)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.cascade)


class CompanyMember(Table, tablename="company_member", db=DB):
    """`relation` is `admin` (IT staff who look after it) or `user` (its own people)."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.cascade)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    relation = Varchar(length=5)
    added_at = Timestamptz(default=TimestamptzNow())
