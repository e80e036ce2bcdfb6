"""Who belongs to a company: assigning, removing, and accounts for its people (rulings 6.3)."""

from collections.abc import Mapping, Sequence

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.visibility import people_visible_to
from ticketing_server.accounts import actions as accounts
from ticketing_server.accounts.structs import UserNew
from ticketing_server.audit.acting import audited
from ticketing_server.companies import roles
from ticketing_server.companies.locks import hold
from ticketing_server.companies.structs import ClientNew, CompanyRow, Relation
from ticketing_server.core.db import Sql, row, scalar_or_none, scalars
from ticketing_server.core.errors import Invalid, missing

ADD = """
WITH come AS (
    INSERT INTO company_member (company, account, relation) VALUES ({}, {}, {})
    ON CONFLICT (company, account, relation) DO NOTHING RETURNING id
), touched AS (
    UPDATE company SET updated_at = clock_timestamp() WHERE id = {} AND EXISTS (SELECT FROM come)
)
SELECT id FROM come
"""
REMOVE = """
WITH gone AS (
    DELETE FROM company_member WHERE company = {} AND account = {} AND relation = {}
    RETURNING account
), touched AS (
    UPDATE company SET updated_at = clock_timestamp() WHERE id = {} AND EXISTS (SELECT FROM gone)
)
SELECT a.username FROM gone JOIN account a ON a.id = gone.account
"""
MEMBER = "SELECT id FROM company_member WHERE company = {} AND account = {} AND relation = {}"
VISIBLE = "SELECT a.username FROM account a WHERE a.id = {} AND {}"
# Whoever belongs to the company already can be named again, even without a role of theirs.
STRANGERS = """
SELECT w.id FROM unnest({}::bigint[]) AS w(id)
WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = w.id AND {})
    AND NOT EXISTS (SELECT FROM company_member m WHERE m.account = w.id AND m.company = {}::bigint)
"""
REPLACE = """
WITH gone AS (
    DELETE FROM company_member WHERE company = {} AND relation = {} AND account <> ALL({}::bigint[])
    RETURNING account
), come AS (
    INSERT INTO company_member (company, account, relation)
    SELECT {}, w.account, {}
    FROM (SELECT DISTINCT account FROM unnest({}::bigint[]) AS u(account) ORDER BY account) w
    ON CONFLICT (company, account, relation) DO NOTHING RETURNING id
)
SELECT ARRAY(SELECT id FROM come) AS come, ARRAY(SELECT account FROM gone) AS gone
"""


class Replaced(msgspec.Struct):
    """The memberships that are new, and the accounts that lost one."""

    come: list[int] = []
    gone: list[int] = []


@audited
async def assign(actor: Actor, company: CompanyRow, user: int, relation: Relation) -> str:
    """The person's username. Raises Invalid for somebody whom the actor may not know of."""
    await hold(company)
    username = await scalar_or_none(Sql(VISIBLE, user, people_visible_to(actor)), str)
    if username is None:
        raise Invalid(user_id=missing(user))
    await _add(actor, company, user, relation)
    return username


@audited
async def remove(actor: Actor, company: CompanyRow, user: int, relation: Relation) -> str:
    """The person's username. Raises Invalid for somebody who is not there."""
    await hold(company)
    gone = Sql(REMOVE, company.id, user, relation, company.id)
    username = await scalar_or_none(gone, str)
    if username is None:
        raise Invalid(user_id=missing(user))
    await roles.take_back(company.projects, [user])
    return username


@audited
async def create_user(actor: Actor, company: CompanyRow, data: ClientNew) -> int:
    """The new account's id; a name that is taken is never somebody to attach (rulings 6.4).

    Raises Invalid.
    """
    project = company.projects[0] if company.projects else None
    account = UserNew(**msgspec.structs.asdict(data))
    user = await accounts.create_user(actor, project, account)
    await hold(company)
    await _add(actor, company, user, "user")
    return user


async def check_known(
    actor: Actor, company: int | None, people: Mapping[str, Sequence[int]]
) -> None:
    """Raises Invalid by field for somebody whom the actor may not know of."""
    named = [one for ids in people.values() for one in ids]
    if not named:
        return
    asked = Sql(STRANGERS, named, people_visible_to(actor), company)
    strangers = set(await scalars(asked, int))
    unknown = {field: [id for id in ids if id in strangers] for field, ids in people.items()}
    if wrong := {field: missing(ids[0]) for field, ids in unknown.items() if ids}:
        raise Invalid(wrong)


async def replace(company: int, relation: Relation, wanted: Sequence[int]) -> Replaced:
    """The members of one relation, as a whole; roles are the caller's to settle."""
    ids = list(wanted)
    replaced = Sql(REPLACE, company, relation, ids, company, relation, ids)
    found = await row(replaced, Replaced)
    assert found is not None
    return found


async def _add(actor: Actor, company: CompanyRow, user: int, relation: Relation) -> None:
    added = Sql(ADD, company.id, user, relation, company.id)
    member = await scalar_or_none(added, int)
    if member is None:
        member = await scalar_or_none(Sql(MEMBER, company.id, user, relation), int)
    await roles.give(company.id, actor.id, members=[member] if member else [])
