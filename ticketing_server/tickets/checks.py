"""What a ticket may point at: who can be assigned, whose company, which tags (rulings 4.6–4.8)."""

from collections.abc import Iterable

import msgspec
from msgspec import UNSET, UnsetType

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.core.db import Sql, row, rows
from ticketing_server.core.errors import missing
from ticketing_server.tickets.structs import TicketNew, TicketPatch

FACTS = """
SELECT
    ARRAY(SELECT account FROM user_role
        WHERE project = {} AND account = ANY({}::bigint[]) AND role <> 'manager') AS assignable,
    ARRAY(SELECT company FROM company_project
        WHERE project = {} AND (company = {}::bigint OR company = ANY({}::bigint[]))) AS companies,
    (SELECT o.name FROM company o WHERE o.id = {}::bigint) AS company_name
"""
TAGS = """
SELECT id, name FROM tag
WHERE project = {} AND (id = ANY({}::bigint[]) OR lower(name) = ANY(
    SELECT lower(name) FROM unnest({}::text[]) AS name))
"""
NEW_TAGS = """
INSERT INTO tag (project, name) SELECT {}, name FROM unnest({}::text[]) AS name
ON CONFLICT (project, lower(name)) DO NOTHING
"""


class Wanted(msgspec.Struct, kw_only=True):
    """The references that a request makes; UNSET where it makes none."""

    assignee_ids: list[int] | UnsetType = UNSET
    company: int | None | UnsetType = UNSET
    tag_ids: list[int] | UnsetType = UNSET
    tag_names: list[str] | UnsetType = UNSET

    @classmethod
    def of(cls, data: TicketNew | TicketPatch) -> "Wanted":
        return cls(
            assignee_ids=data.assignee_ids,
            company=data.company,
            tag_ids=data.tag_ids,
            tag_names=data.tag_names,
        )


class Resolved(msgspec.Struct, kw_only=True):
    """What they point at, each checked. Names go to the history, ids to the tables."""

    assignee_ids: list[int] = []
    company: int | None = None
    company_name: str | None = None
    tag_ids: list[int] = []
    tag_names: list[str] = []
    wrong: dict[str, str] = {}


class _Facts(msgspec.Struct):
    assignable: list[int]
    companies: list[int]
    company_name: str | None


class _Tag(msgspec.Struct):
    id: int
    name: str


async def resolve(actor: Actor, project: int, wanted: Wanted, *, is_new: bool) -> Resolved:
    """Looks up everything at once; what is wrong is told by field, in `wrong`."""
    resolved = Resolved(wrong={})
    is_limited = not actor.may(Action.VIEW_ALL_TICKETS, project)
    if wanted.assignee_ids or wanted.company or (is_new and is_limited and actor.companies):
        await _resolve_people_and_company(actor, project, wanted, resolved, is_limited=is_limited)
    if wanted.tag_ids and wanted.tag_names:
        resolved.wrong["tag_names"] = "Use tag_ids or tag_names, not both."
    elif wanted.tag_ids or wanted.tag_names:
        await _resolve_tags(actor, project, wanted, resolved)
    return resolved


async def _resolve_people_and_company(
    actor: Actor, project: int, wanted: Wanted, resolved: Resolved, *, is_limited: bool
) -> None:
    people = _distinct(wanted.assignee_ids or [])
    company = wanted.company or None
    own = actor.companies if is_limited else []
    facts = await row(Sql(FACTS, project, people, project, company, own, company), _Facts)
    assert facts is not None
    if strangers := [person for person in people if person not in facts.assignable]:
        resolved.wrong["assignee_ids"] = missing(strangers[0])
    resolved.assignee_ids = people
    own_here = [one for one in facts.companies if one in own]
    if wanted.company is UNSET and len(own_here) == 1:
        resolved.company = own_here[0]
    elif company is not None:
        allowed = own_here if is_limited else facts.companies
        resolved.company, resolved.company_name = company, facts.company_name
        if company not in allowed:
            resolved.wrong["company"] = missing(company)


async def _resolve_tags(actor: Actor, project: int, wanted: Wanted, resolved: Resolved) -> None:
    ids, names = _distinct(wanted.tag_ids or []), _distinct_names(wanted.tag_names or [])
    found = await rows(Sql(TAGS, project, ids, names), _Tag)
    by_id = {tag.id: tag for tag in found}
    by_name = {tag.name.casefold(): tag for tag in found}
    if unknown_ids := [id for id in ids if id not in by_id]:
        resolved.wrong["tag_ids"] = missing(unknown_ids[0])
        return
    unknown = [name for name in names if name.casefold() not in by_name]
    if unknown and not actor.may(Action.CREATE_TAG, project):
        listed = ", ".join(f'"{name}"' for name in unknown)
        resolved.wrong["tag_names"] = f"There are no tags named {listed}."
        return
    if unknown:
        await rows(Sql(NEW_TAGS, project, unknown), _Tag)
        again = await rows(Sql(TAGS, project, [], names), _Tag)
        by_name = {tag.name.casefold(): tag for tag in again}
    tags = [by_id[id] for id in ids] or [by_name[name.casefold()] for name in names]
    resolved.tag_ids = [tag.id for tag in tags]
    resolved.tag_names = [tag.name for tag in tags]


def _distinct(ids: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(ids))


def _distinct_names(names: Iterable[str]) -> list[str]:
    return list({name.casefold(): name for name in reversed(list(names))}.values())[::-1]
