"""Every read of people and their roles."""

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import (
    in_visible_project,
    people_known_to,
    people_visible_to,
    sees_everybody,
)
from ticketing_server.accounts.structs import (
    Me,
    ProjectBrief,
    UserBrief,
    UserOut,
)
from ticketing_server.core.db import Sql, row
from ticketing_server.core.errors import NotFound

ME = """
SELECT a.id, a.username, a.email, a.first_name, a.last_name, a.superuser AS is_superuser,
    a.is_staff, a.version, {} AS ties
FROM account a WHERE a.id = {}
"""
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
"""
# What ties a person to projects and companies, as far as the reader may know of those.
TIES = """
json_build_object(
    'project_roles', (
        SELECT coalesce(json_agg(json_build_object(
            'project_id', p.id, 'project_name', p.name, 'role', r.role
        ) ORDER BY p.name, p.id), '[]')
        FROM user_role r JOIN project p ON p.id = r.project WHERE r.account = a.id AND {}),
    'administered_companies', ({}), 'member_companies', ({}))::text
"""
COMPANIES = """
SELECT coalesce(json_agg(json_build_object('id', c.id, 'name', c.name) ORDER BY c.name, c.id), '[]')
FROM company_member m JOIN company c ON c.id = m.company
WHERE m.account = a.id AND m.relation = {} AND {}
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
SELECT id, username, email, first_name, last_name, password, active, token_epoch
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
    found = await row(Sql(ME, _ties(everything, everything), actor.id), _Row)
    if found is None:
        raise NotFound
    return msgspec.convert(found.whole(), Me)


async def show_user(actor: Actor, user: int) -> UserOut:
    """Raises NotFound where the actor may not know of the person."""
    found = await row(_users(actor, Sql("a.id = {}", user)), _Row)
    if found is None:
        raise NotFound
    return msgspec.convert(found.whole(), UserOut)


async def show_project_brief(project: int) -> ProjectBrief:
    """Raises NotFound."""
    found = await row(Sql("SELECT id, name, key FROM project WHERE id = {}", project), ProjectBrief)
    if found is None:
        raise NotFound
    return found


class _Row(msgspec.Struct, kw_only=True):
    """A person's row, with the ties still as the database's JSON."""

    id: int
    username: str
    email: str | None
    first_name: str
    last_name: str
    is_superuser: bool | None
    is_staff: bool | None
    version: int
    ties: str | None
    is_active: object = None
    date_joined: object = None
    last_login: object = None

    def whole(self) -> dict[str, object]:
        ties = msgspec.json.decode(self.ties) if self.ties else NO_TIES
        return {**msgspec.structs.asdict(self), **ties}


NO_TIES: dict[str, object] = {
    "project_roles": [],
    "administered_companies": [],
    "member_companies": [],
}


def _users(actor: Actor, wanted: Sql) -> Sql:
    everywhere = sees_everybody(actor)
    projects = Sql("TRUE") if everywhere else in_visible_project(actor, "r.project")
    companies = Sql("TRUE") if everywhere else _visible_companies(actor)
    return Sql(
        USER,
        _ties(projects, companies),
        people_known_to(actor),
        people_visible_to(actor),
        wanted,
    )


def _visible_companies(actor: Actor) -> Sql:
    return Sql(
        "c.id IN (SELECT cp.company FROM company_project cp WHERE {})",
        in_visible_project(actor, "cp.project"),
    )


def _ties(projects: Sql, companies: Sql) -> Sql:
    administered = Sql(COMPANIES, "admin", companies)
    return Sql(TIES, projects, administered, Sql(COMPANIES, "user", companies))
