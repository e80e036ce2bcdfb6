"""Accounts, and who holds which role."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ticketing_server.core.secrets.passwords import hash_password

from .chance import CLIENTS_CAME, FOUNDED, Chance, in_office_hours
from .content import PersonText
from .copying import Connection, copy, take_ids

ADMIN = PersonText(
    username="admin",
    name="",
    roles={"DEMO": "superadmin", "OPS": "superadmin", "FIELD": "superadmin"},
    is_staff=True,
)
ADMIN_EMAIL = "admin@example.com"
# Too short for anybody but the demo (rulings 2.3).
ADMIN_PASSWORD = "admin"
PASSWORD = "demo-password-1"

ACCOUNT = (
    "id username email password first_name last_name active is_staff admin superuser"
    " created_by created_in date_joined last_login"
)
USER_ROLE = "project account role granted assigned_by assigned_at"


class Newcomer(msgspec.Struct, frozen=True):
    """Somebody without an account; it will be made by `created_by` in the project `created_in`."""

    text: PersonText
    email: str
    created_by: int | None = None
    created_in: int | None = None


class Hashes(msgspec.Struct, frozen=True):
    """Hashing is slow on purpose, so it is done once for everybody."""

    admin: str
    others: str


class Held(msgspec.Struct, frozen=True):
    """A role in one project; `granted` as in the table."""

    project: int
    account: int
    role: str
    granted: str | None


async def hash_passwords() -> Hashes:
    return Hashes(await hash_password(ADMIN_PASSWORD), await hash_password(PASSWORD))


async def add_people(
    connection: Connection, chance: Chance, hashes: Hashes, newcomers: Sequence[Newcomer]
) -> dict[str, int]:
    """Their ids by username."""
    ids = await take_ids(connection, "account", len(newcomers))
    rows = [_row(chance, hashes, id, one) for id, one in zip(ids, newcomers, strict=True)]
    await copy(connection, "account", ACCOUNT, rows)
    return {one.text.username: id for id, one in zip(ids, newcomers, strict=True)}


async def add_roles(
    connection: Connection, roles: Iterable[Held], by: int, at: dt.datetime
) -> None:
    rows = [(one.project, one.account, one.role, one.granted, by, at) for one in roles]
    await copy(connection, "user_role", USER_ROLE, rows)


def roles_of(
    account: int,
    text: PersonText,
    projects: Mapping[str, int],
    relations: Mapping[str, set[str]],
) -> list[Held]:
    """`relations` are those to the companies of each project, by its key."""
    held: list[Held] = []
    for key, project in projects.items():
        granted = text.roles.get(key)
        if role := role_held(granted, relations.get(key, set())):
            held.append(Held(project, account, role, granted))
    return held


def role_held(granted: str | None, relations: set[str]) -> str | None:
    """What an assigned role and the relations to a project's companies make (rulings 6.3)."""
    if "admin" in relations and granted != "superadmin":
        return "admin"
    return granted or ("user" if "user" in relations else None)


def _row(chance: Chance, hashes: Hashes, id: int, person: Newcomer) -> tuple[object, ...]:
    first, _, last = person.text.name.partition(" ")
    is_admin = person.text is ADMIN
    # Accounts of clients were made between the project's beginning and the company's coming.
    days = (CLIENTS_CAME, FOUNDED) if person.created_in else (150, 700)
    return (
        id,
        person.text.username,
        person.email,
        hashes.admin if is_admin else hashes.others,
        first,
        last,
        person.text.active,
        person.text.is_staff,
        is_admin,
        is_admin,
        person.created_by,
        person.created_in,
        in_office_hours(chance.days_ago(chance.uniform(*days))),
        in_office_hours(chance.days_ago(chance.uniform(0.1, 20))),
    )
