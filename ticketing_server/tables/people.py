"""Who can sign in."""

from piccolo.columns import (
    BigInt,
    BigSerial,
    Boolean,
    ForeignKey,
    Integer,
    Secret,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from ticketing_server.core.db import DB


class Account(Table, tablename="account", db=DB):
    """A person. Usernames and emails are unique without regard to case (rulings 2.1).

    `active`, `admin` and `superuser` bear the names that Piccolo admin reads; the API says
    `is_active` and `is_superuser`. `token_epoch` moves when all tokens must end (rulings 2.6).
    `created_in` is a project (rulings 6.8); a plain number here because projects point at accounts.
    """

    id = BigSerial(primary_key=True)
    username = Varchar(length=150)
    email = Varchar(length=254)
    password = Secret(length=255)
    first_name = Varchar(length=255, default="")
    last_name = Varchar(length=255, default="")
    active = Boolean(default=True)
    is_staff = Boolean(default=False)
    admin = Boolean(default=False)
    superuser = Boolean(default=False)
    token_epoch = Integer(default=0)
    created_by: ForeignKey["Account"] = ForeignKey("self", null=True, on_delete=OnDelete.set_null)
    created_in = BigInt(null=True, default=None)
    version = Integer(default=1)
    date_joined = Timestamptz(default=TimestamptzNow())
    last_login = Timestamptz(null=True, default=None)


class LoginName(Table, tablename="login_name", db=DB):
    """What somebody signs in with, in lower case: a username or an email, and nobody else's.

    Triggers on `account` keep it (rulings 2.1, 2.5).
    """

    id = BigSerial(primary_key=True)
    name = Text(unique=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)


class EndedSession(Table, tablename="ended_session", db=DB):
    """A session that was logged out, kept until its last token would have expired anyway."""

    id = BigSerial(primary_key=True)
    jti = Varchar(length=64, unique=True)
    account = BigInt()
    expires_at = Timestamptz()


class AdminSession(Table, tablename="admin_session", db=DB):
    """A superuser's way into the admin; the token is kept only as a hash.

    `epoch` is the account's `token_epoch` at sign-in: what ends its tokens ends its sessions.
    `saved_form` was last saved in it, and made `saved_version` of its row.
    """

    id = BigSerial(primary_key=True)
    token_hash = Varchar(length=64, unique=True)
    account = ForeignKey(Account, null=False, index=True, on_delete=OnDelete.cascade)
    epoch = Integer(default=0)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(index=True)
    saved_form = Varchar(length=100, null=True, default=None)
    saved_version = Integer(null=True, default=None)
