"""Accounts, and who holds which role."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import msgspec

from ticketing_server.core.passwords import hash_password

from .chance import Chance
from .content import PersonText
from .copying import copy, take_ids

ADMIN = PersonText(
    username="admin",
    name="",
    roles={"DEMO": "superadmin", "OPS": "superadmin", "FIELD": "superadmin"},
    is_staff=True,
)
ADMIN_EMAIL = "admin@example.com"
# rulings 2.3: too short for anybody else.
ADMIN_PASSWORD = "admin"  # noqa: S105
PASSWORD = "demo-password-1"  # noqa: S105

ACCOUNT = (
    "id username email password first_name last_name active is_staff admin superuser"
    " created_by created_in date_joined last_login"
)
USER_ROLE = "project account role granted assigned_by assigned_at"


class Person(msgspec.Struct):
    id: int
    text: PersonText
    email: str
    created_by: int | None = None
    created_in: int | None = None

    @property
    def is_admin(self) -> bool:
        return self.text is ADMIN


class Held(msgspec.Struct, frozen=True):
    """A role in one project; `granted` as in the table."""

    project: int
    account: int
    role: str
    granted: str | None


async def add_people(
    connection: asyncpg.Connection, texts: Sequence[tuple[PersonText, str]]
) -> list[Person]:
    """People with their emails; not yet written, so that their origin can still be said."""
    ids = await take_ids(connection, "account", len(texts))
    return [Person(id, text, email) for id, (text, email) in zip(ids, texts, strict=True)]


class Hashes(msgspec.Struct, frozen=True):
    """Hashing is slow on purpose, so it is done once for everybody."""

    admin: str
    others: str


async def hash_passwords() -> Hashes:
    return Hashes(await hash_password(ADMIN_PASSWORD), await hash_password(PASSWORD))


async def copy_people(
    connection: asyncpg.Connection, chance: Chance, hashes: Hashes, people: Iterable[Person]
) -> None:
    await copy(connection, "account", ACCOUNT, [_row(chance, hashes, one) for one in people])


async def copy_roles(
    connection: asyncpg.Connection, roles: Iterable[Held], by: int, at: dt.datetime
) -> None:
    rows = [(one.project, one.account, one.role, one.granted, by, at) for one in roles]
    await copy(connection, "user_role", USER_ROLE, rows)


def role_held(granted: str | None, relations: Iterable[str]) -> str | None:
    """What an explicit role and the relations to a project's companies come to (rulings 6.3)."""
    if "admin" in relations and granted != "superadmin":
        return "admin"
    return granted or ("user" if "user" in relations else None)


def roles_of(
    person: Person, projects: Mapping[str, int], relations: Mapping[str, set[str]]
) -> list[Held]:
    """`relations` are those to the companies of each project, by its key."""
    held: list[Held] = []
    for key, project in projects.items():
        granted = person.text.roles.get(key)
        if role := role_held(granted, relations.get(key, ())):
            held.append(Held(project, person.id, role, granted))
    return held


def _row(chance: Chance, hashes: Hashes, person: Person) -> tuple[object, ...]:
    first, _, last = person.text.name.partition(" ")
    joined = chance.now - dt.timedelta(days=chance.randint(150, 700), minutes=chance.randint(1, 600))
    return (
        person.id,
        person.text.username,
        person.email,
        hashes.admin if person.is_admin else hashes.others,
        first,
        last,
        person.text.active,
        person.text.is_staff,
        person.is_admin,
        person.is_admin,
        person.created_by,
        person.created_in,
        joined,
        chance.between(chance.now - dt.timedelta(days=20), chance.now),
    )
