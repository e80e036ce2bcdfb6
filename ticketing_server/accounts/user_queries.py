"""Every read of other people's accounts."""

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import (
    EVERYTHING,
    companies_visible_to,
    people_known_to,
    people_visible_to,
    roles_visible_to,
    sees_everybody,
)
from ticketing_server.accounts.structs import UserOut
from ticketing_server.accounts.ties import PersonRow, ties
from ticketing_server.core.db import Sql, row, rows, scalar
from ticketing_server.core.errors import NotFound
from ticketing_server.core.listing import Page
from ticketing_server.core.order import order_by, order_terms
from ticketing_server.core.search import containing

USER = """
SELECT a.id, a.username, a.first_name, a.last_name, a.version,
    CASE WHEN k.known THEN a.email END AS email,
    CASE WHEN k.known THEN a.active END AS is_active,
    CASE WHEN k.known THEN a.is_staff END AS is_staff,
    CASE WHEN k.known THEN a.superuser END AS is_superuser,
    CASE WHEN k.known THEN a.date_joined END AS date_joined,
    CASE WHEN k.known THEN a.last_login END AS last_login,
    CASE WHEN k.known THEN {} END AS ties
FROM account a CROSS JOIN LATERAL (SELECT {} AS known) k
WHERE {} AND {}
{}
"""
COUNT = """
SELECT count(*) FROM account a CROSS JOIN LATERAL (SELECT {} AS known) k WHERE {} AND {}
"""
# Nobody finds, or sorts, by what they may not see.
SEARCHED = [
    "a.username",
    "a.first_name",
    "a.last_name",
    "CASE WHEN k.known THEN a.email ELSE '' END",
]
FIELDS = ("username", "email", "date_joined", "last_login")
COLUMNS = {
    "id": "a.id",
    "username": "a.username",
    "email": "CASE WHEN k.known THEN a.email END",
    "date_joined": "CASE WHEN k.known THEN a.date_joined END",
    "last_login": "CASE WHEN k.known THEN a.last_login END",
}
MANAGED = """
SELECT a.id, a.username, a.email, a.active AS is_active, a.is_staff, a.superuser AS is_superuser,
    a.created_in, a.version, a.password,
    ARRAY(SELECT r.project FROM user_role r WHERE r.account = a.id) AS projects
FROM account a WHERE a.id = {} AND {}
"""


class Managed(msgspec.Struct, frozen=True):
    """An account as the rules about managing it need it (rulings 6.8)."""

    id: int
    username: str
    email: str
    is_active: bool
    is_staff: bool
    is_superuser: bool
    created_in: int | None
    version: int
    password: str
    projects: list[int]


async def list_users(
    actor: Actor, search: str, order: str | None, page: Page
) -> tuple[list[UserOut], int]:
    """A page of the people whom the actor may know of, and how many there are. Raises Invalid."""
    wanted = containing(search, SEARCHED) if search else EVERYTHING
    by = order_by(order_terms(order, FIELDS, "username"), COLUMNS.__getitem__)
    cut = Sql("{} {}", by, page.limits())
    found = await rows(_users(actor, wanted, cut), PersonRow)
    people = [msgspec.convert(person.whole(), UserOut) for person in found]
    counted = Sql(COUNT, people_known_to(actor), people_visible_to(actor), wanted)
    return people, await scalar(counted, int)


async def show_user(actor: Actor, user: int) -> UserOut:
    """Raises NotFound where the actor may not know of the person."""
    found = await row(_users(actor, Sql("a.id = {}", user), Sql("")), PersonRow)
    if found is None:
        raise NotFound
    return msgspec.convert(found.whole(), UserOut)


async def find_managed(actor: Actor, user: int) -> Managed | None:
    """None where the actor may not know of the person."""
    return await row(Sql(MANAGED, user, people_visible_to(actor)), Managed)


def _users(actor: Actor, wanted: Sql, cut: Sql) -> Sql:
    companies = EVERYTHING if sees_everybody(actor) else companies_visible_to(actor)
    return Sql(
        USER,
        ties(roles_visible_to(actor), companies),
        people_known_to(actor),
        people_visible_to(actor),
        wanted,
        cut,
    )
