"""Making accounts: by registering, by somebody else, at the command line."""

import asyncpg

from ticketing_server.access.actor import Actor
from ticketing_server.accounts import queries
from ticketing_server.accounts.session_actions import pair
from ticketing_server.accounts.structs import (
    NewAccount,
    Registered,
    Registration,
    UserNew,
)
from ticketing_server.audit.acting import act_as_command, act_as_newcomer, audited
from ticketing_server.core import db
from ticketing_server.core.db import Sql, atomic, row
from ticketing_server.core.errors import Forbidden, Invalid
from ticketing_server.core.secrets.passwords import (
    hash_password,
)
from ticketing_server.core.secrets.tokens import Tokens
from ticketing_server.projects.actions import open_project
from ticketing_server.projects.structs import ProjectNew
from ticketing_server.tables import Account

TAKEN = {
    "username": "A user with that username already exists.",
    "email": "A user with that email already exists.",
    "project_key": "A project with this key already exists.",
}
IS_TAKEN = """
SELECT
    EXISTS (SELECT FROM account WHERE lower(username) = lower({}) OR lower(email) = lower({}))
        AS username,
    EXISTS (SELECT FROM account WHERE lower(email) = lower({}) OR lower(username) = lower({}))
        AS email,
    EXISTS (SELECT FROM project WHERE key = {}) AS project_key
"""


async def register(data: Registration, tokens: Tokens) -> Registered:
    """An account, and with it, if named, a project of its own (rulings 2.1).

    Raises Invalid with every wrong field, Unavailable while too many passwords are being hashed.
    """
    if wrong := await taken(data.username, data.email, data.project_key):
        raise Invalid(wrong)
    password = await hash_password(data.password)
    try:
        account, project = await _register(data, password)
    except asyncpg.UniqueViolationError as error:
        if getattr(error, "constraint_name", None) == "project_key_key":
            raise Invalid(project_key=TAKEN["project_key"]) from error
        raise
    registered = await queries.get_account(account)
    return Registered(
        message="User registered successfully",
        user=registered.brief(),
        project=await queries.show_project_brief(project) if project else None,
        tokens=pair(tokens.issue(account, registered.token_epoch)),
    )


async def create_user(actor: Actor, project: int | None, data: UserNew) -> int:
    """An account made by somebody else, remembered with where and by whom; its id.

    `project` is null for one made by staff for no project in particular. Only superusers set the
    global flags (rulings 6.7). Raises Forbidden, Invalid.
    """
    if (data.is_staff or data.is_superuser) and not actor.superuser:
        raise Forbidden("Only superusers set is_staff and is_superuser.")
    if wrong := await taken(data.username, data.email):
        raise Invalid(wrong)
    return await _create_user(actor, project, data, await hash_password(data.password))


async def create_superuser(data: NewAccount) -> int:
    """The account's id. Raises Invalid."""
    if wrong := await taken(data.username, data.email):
        raise Invalid(wrong)
    return await _create_superuser(data, await hash_password(data.password))


async def taken(username: str, email: str, project_key: str | None = None) -> dict[str, str]:
    """Which of a new account's names belong to somebody else, by field; {} when none does."""
    asked = Sql(IS_TAKEN, username, username, email, email, project_key)
    found = await row(asked, dict[str, bool]) or {}
    return {field: TAKEN[field] for field, is_taken in found.items() if is_taken}


@atomic
async def _register(data: Registration, password: str) -> tuple[int, int | None]:
    account = await act_as_newcomer()
    await db.insert(
        Account(
            id=account,
            username=data.username,
            email=data.email,
            password=password,
            first_name=data.first_name,
            last_name=data.last_name,
        )
    )
    if data.project_key is None or data.project_name is None:
        return account, None
    project = ProjectNew(name=data.project_name, key=data.project_key)
    return account, await open_project(account, project)


@audited
async def _create_user(actor: Actor, project: int | None, data: UserNew, password: str) -> int:
    return await db.insert(
        Account(
            username=data.username,
            email=data.email,
            password=password,
            first_name=data.first_name,
            last_name=data.last_name,
            active=data.is_active,
            is_staff=data.is_staff,
            superuser=data.is_superuser,
            admin=data.is_superuser,
            created_by=actor.id,
            created_in=project,
        )
    )


@atomic
async def _create_superuser(data: NewAccount, password: str) -> int:
    await act_as_command("create-superuser")
    return await db.insert(
        Account(
            username=data.username,
            email=data.email,
            password=password,
            superuser=True,
            is_staff=True,
            admin=True,
        )
    )
