"""What a ticket may point at: who can be assigned, whose company, which tags (rulings 4.6–4.8)."""

from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.core.db import Sql, execute, row, rows
from ticketing_server.core.errors import missing
from ticketing_server.tickets.structs import TicketNew, TicketPatch

T = TypeVar("T")

FACTS = """
SELECT
    ARRAY(SELECT account FROM user_role
        WHERE project = {} AND account = ANY({}::bigint[]) AND role <> 'manager') AS assignable,
    ARRAY(SELECT company FROM company_project
        WHERE project = {} AND (company = {}::bigint OR company = ANY({}::bigint[]))) AS companies,
    (SELECT o.name FROM company o WHERE o.id = {}::bigint) AS company_name
"""
TAGS = "SELECT id, name FROM tag WHERE project = {} AND id = ANY({}::bigint[])"
# Which names are the same is for the database to say: its index on lower(name) does.
NAMED_TAGS = """
SELECT w.name AS wanted, g.id, g.name
FROM unnest({}::text[]) WITH ORDINALITY AS w(name, place)
LEFT JOIN tag g ON g.project = {} AND lower(g.name) = lower(w.name)
ORDER BY w.place
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


class _NamedTag(msgspec.Struct):
    wanted: str
    id: int | None
    name: str | None


async def resolve(actor: Actor, project: int, wanted: Wanted, *, is_new: bool) -> Resolved:
    """Looks up everything at once; what is wrong is told by field, in `wrong`."""
    resolved = Resolved(wrong={})
    is_limited = not actor.may(Action.VIEW_ALL_TICKETS, project)
    if wanted.assignee_ids or wanted.company or (is_new and is_limited and actor.companies):
        await _resolve_people_and_company(actor, project, wanted, resolved, is_limited=is_limited)
    if wanted.tag_ids is not UNSET and wanted.tag_names is not UNSET:
        resolved.wrong["tag_names"] = "Use tag_ids or tag_names, not both."
    elif wanted.tag_ids:
        await _resolve_tag_ids(project, _distinct(wanted.tag_ids), resolved)
    elif wanted.tag_names:
        await _resolve_tag_names(actor, project, wanted.tag_names, resolved)
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


async def _resolve_tag_ids(project: int, ids: list[int], resolved: Resolved) -> None:
    found = {tag.id: tag.name for tag in await rows(Sql(TAGS, project, ids), _Tag)}
    if unknown := [id for id in ids if id not in found]:
        resolved.wrong["tag_ids"] = missing(unknown[0])
        return
    resolved.tag_ids, resolved.tag_names = ids, [found[id] for id in ids]


async def _resolve_tag_names(
    actor: Actor, project: int, names: list[str], resolved: Resolved
) -> None:
    found, unknown = await _tags_named(project, names)
    if unknown and not actor.may(Action.CREATE_TAG, project):
        listed = ", ".join(f'"{name}"' for name in unknown)
        resolved.wrong["tag_names"] = f"There are no tags named {listed}."
        return
    if unknown:
        await execute(Sql(NEW_TAGS, project, unknown))
        found, _ = await _tags_named(project, names)
    resolved.tag_ids, resolved.tag_names = list(found), list(found.values())


async def _tags_named(project: int, names: list[str]) -> tuple[dict[int, str], list[str]]:
    """The tags of these names by id, and the names that no tag has yet."""
    tags = await rows(Sql(NAMED_TAGS, names, project), _NamedTag)
    found = {tag.id: tag.name for tag in tags if tag.id and tag.name}
    return found, _distinct(tag.wanted for tag in tags if not tag.id)


def _distinct(items: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(items))
