"""Every read of people and their roles."""

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.accounts.structs import (
    Me,
    ProjectBrief,
    UserBrief,
)
from ticketing_server.accounts.ties import PersonRow, ties
from ticketing_server.core.db import Sql, row
from ticketing_server.core.errors import NotFound

ME = """
SELECT a.id, a.username, a.email, a.first_name, a.last_name, a.superuser AS is_superuser,
    a.is_staff, a.version, {} AS ties
FROM account a WHERE a.id = {}
"""


class Account(msgspec.Struct, frozen=True):
    """An account as signing in needs it."""

    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    password: str
    active: bool
    superuser: bool
    token_epoch: int

    def brief(self) -> UserBrief:
        return UserBrief(
            id=self.id,
            username=self.username,
            email=self.email,
            first_name=self.first_name,
            last_name=self.last_name,
        )


ACCOUNT = """
SELECT id, username, email, first_name, last_name, password, active, superuser, token_epoch
FROM account WHERE
"""


async def find_by_login(login: str) -> Account | None:
    """By username or email, without regard to case; the username wins (rulings 2.5)."""
    wanted = Sql(
        ACCOUNT + " lower(username) = lower({}) OR lower(email) = lower({})"
        " ORDER BY lower(username) = lower({}) DESC LIMIT 1",
        login,
        login,
        login,
    )
    return await row(wanted, Account)


async def get_account(account: int) -> Account:
    """Raises NotFound."""
    found = await row(Sql(ACCOUNT + " id = {}", account), Account)
    if found is None:
        raise NotFound
    return found


async def me(actor: Actor) -> Me:
    """The actor's own account, with every tie."""
    everything = Sql("TRUE")
    found = await row(Sql(ME, ties(everything, everything), actor.id), PersonRow)
    if found is None:
        raise NotFound
    return msgspec.convert(found.whole(), Me)


async def show_project_brief(project: int) -> ProjectBrief:
    """Raises NotFound."""
    found = await row(Sql("SELECT id, name, key FROM project WHERE id = {}", project), ProjectBrief)
    if found is None:
        raise NotFound
    return found
