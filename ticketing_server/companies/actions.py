"""Creating, changing and deleting companies, with what that does to roles and tickets."""

from collections.abc import Collection, Sequence

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.audit.acting import audited
from ticketing_server.companies import logos, roles
from ticketing_server.companies.locks import hold, hold_projects
from ticketing_server.companies.membership_actions import Replaced, check_known, replace
from ticketing_server.companies.structs import CompanyNew, CompanyPatch, CompanyRow, Relation
from ticketing_server.core import db
from ticketing_server.core.db import Sql, execute, scalar, scalars
from ticketing_server.core.entity import IfMatch
from ticketing_server.core.errors import Invalid, missing
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.unclaimed import remove_if_unclaimed
from ticketing_server.events.actions import Change, recorded
from ticketing_server.tables import Company

CREATE = """
WITH created AS (
    INSERT INTO company (name, description, primary_contact_email, phone, logo, logo_thumbnail)
    VALUES ({}, {}, {}, {}, {}, {}) RETURNING id
), placed AS (
    INSERT INTO company_project (project, company)
    SELECT p.project, created.id FROM created, unnest({}::bigint[]) AS p(project)
)
SELECT id FROM created
"""
PLACE = """
INSERT INTO company_project (project, company)
SELECT p.project, {} FROM unnest({}::bigint[]) AS p(project)
"""
# Held first: a ticket that is given the company at this moment waits, and then finds it gone.
HOLD_PLACES = """
SELECT id FROM company_project WHERE company = {} AND project = ANY({}::bigint[])
ORDER BY project FOR UPDATE
"""
LEAVE = "DELETE FROM company_project WHERE company = {} AND project = ANY({}::bigint[])"
FREE_TICKETS = """
UPDATE ticket SET company = NULL WHERE company = {} AND project = ANY({}::bigint[])
RETURNING project, id
"""
MEMBERS = "SELECT account FROM company_member WHERE company = {}"
EXISTING = "SELECT id FROM project WHERE id = ANY({}::bigint[])"
TOUCH = "UPDATE company SET updated_at = clock_timestamp() WHERE id = {}"

RELATIONS: dict[str, Relation] = {"admin_ids": "admin", "user_ids": "user"}


async def create(actor: Actor, projects: Sequence[int], data: CompanyNew, storage: Storage) -> int:
    """The new company's id; its people get their roles. Raises Invalid."""
    await logos.store(storage, data.logo)
    return await _create(actor, projects, data)


async def update(
    actor: Actor, company: CompanyRow, patch: CompanyPatch, if_match: IfMatch, storage: Storage
) -> None:
    """Raises Invalid, Forbidden in a project that is added, Stale, Conflict."""
    await logos.store(storage, patch.logo)
    await remove_if_unclaimed(storage, *await _update(actor, company, patch, if_match))


async def delete(actor: Actor, company: CompanyRow, if_match: IfMatch, storage: Storage) -> None:
    """Its tickets stay, without a company; its people keep what something else justifies."""
    await remove_if_unclaimed(storage, *await _delete(actor, company, if_match))


@audited
async def _create(actor: Actor, projects: Sequence[int], data: CompanyNew) -> int:
    await hold_projects(projects)
    await check_known(actor, None, {"admin_ids": data.admin_ids, "user_ids": data.user_ids})
    logo = await logos.claimed(data.logo)
    email, phone = data.primary_contact_email, data.phone
    row = (data.name, data.description, email, phone, logo["logo"], logo["logo_thumbnail"])
    company = await scalar(Sql(CREATE, *row, list(projects)), int)
    await replace(company, "admin", data.admin_ids)
    await replace(company, "user", data.user_ids)
    await roles.give(company, actor.id, projects=projects)
    return company


@audited
async def _update(
    actor: Actor, company: CompanyRow, patch: CompanyPatch, if_match: IfMatch
) -> list[str]:
    """The files that it has let go of."""
    changes = patch.changes()
    people = {field: changes.pop(field) for field in RELATIONS if field in changes}
    wanted = sorted(set(changes.pop("project_ids", company.projects)))
    await _check_places(actor, set(wanted) - set(company.projects))
    present = await hold(company, wanted)
    if_match.check(present.version)
    await check_known(actor, company.id, people)
    if "logo" in changes:
        changes |= await logos.claimed(changes["logo"])
    if changes:
        await db.update(Company, company.id, changes)
    replaced = Replaced()
    for field, ids in people.items():
        one = await replace(company.id, RELATIONS[field], ids)
        replaced = Replaced(come=replaced.come + one.come, gone=replaced.gone + one.gone)
    await _resettle(actor, company, wanted, replaced)
    return present.files if "logo" in changes else []


@audited
async def _delete(actor: Actor, company: CompanyRow, if_match: IfMatch) -> list[str]:
    """The files that it has let go of."""
    present = await hold(company)
    if_match.check(present.version)
    await _free_tickets(actor, company, company.projects)
    members = await scalars(Sql(MEMBERS, company.id), int)
    await db.delete(Company, company.id)
    await roles.take_back(company.projects, members)
    return present.files


async def _check_places(actor: Actor, added: Collection[int]) -> None:
    """The company may be put where the actor may edit companies (rulings 6.1)."""
    if not added:
        return
    existing = await scalars(Sql(EXISTING, list(added)), int)
    unseen = [one for one in added if one not in existing or not actor.is_member(one)]
    if unseen:
        raise Invalid(project_ids=missing(unseen[0]))
    for project in added:
        actor.require(Action.EDIT_COMPANY, project)


async def _resettle(
    actor: Actor, company: CompanyRow, wanted: Sequence[int], replaced: Replaced
) -> None:
    """The company's places, and everybody's roles in the old ones and the new."""
    left = sorted(set(company.projects) - set(wanted))
    added = sorted(set(wanted) - set(company.projects))
    leaving = list(replaced.gone)
    if left:
        await _free_tickets(actor, company, left)
        await execute(Sql(LEAVE, company.id, left))
        leaving += await scalars(Sql(MEMBERS, company.id), int)
    if added:
        await execute(Sql(PLACE, company.id, added))
    await roles.give(company.id, actor.id, projects=added, members=replaced.come)
    await roles.take_back(company.projects, leaving)
    if left or added or replaced.come or replaced.gone:
        await execute(Sql(TOUCH, company.id))


async def _free_tickets(actor: Actor, company: CompanyRow, projects: Sequence[int]) -> None:
    await execute(Sql(HOLD_PLACES, company.id, list(projects)))
    freed = Sql(FREE_TICKETS, company.id, list(projects))
    await execute(recorded(freed, actor.id, [Change("company", company.name)]))
