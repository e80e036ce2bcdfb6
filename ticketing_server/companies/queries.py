"""Every read of companies; each starts from what the actor sees."""

from typing import Any

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.ticket_visibility import (
    ticket_counts_of,
    tickets_of,
    uncounted_tickets_of,
)
from ticketing_server.access.visibility import (
    companies_known_to,
    companies_visible_to,
    in_visible_project,
)
from ticketing_server.companies.structs import CompanyItem, CompanyOut, CompanyRow
from ticketing_server.core.db import Sql, joined, row, rows, scalar
from ticketing_server.core.errors import NotFound
from ticketing_server.core.listing import Page
from ticketing_server.core.media.signatures import MediaLinks
from ticketing_server.core.search import containing

# One statement: the page is cut first, and only its rows are dressed.
DRESSED = """
WITH own AS MATERIALIZED (
    SELECT u.company, count(*) AS tickets FROM ({}) u WHERE u.company IS NOT NULL GROUP BY u.company
)
SELECT c.id, c.name, c.description, c.logo, c.logo_thumbnail, c.primary_contact_email, c.phone,
    c.created_at, c.updated_at, c.version,
    k.project_ids, cardinality(k.project_ids) AS project_count,
    (SELECT count(*) FROM company_member m WHERE m.company = c.id AND m.relation = 'admin')
        AS admin_count,
    (SELECT count(*) FROM company_member m WHERE m.company = c.id AND m.relation = 'user')
        AS user_count,
    (SELECT coalesce(sum(k.tickets), 0)::bigint FROM ticket_count k
        WHERE k.company = c.id AND {}) + coalesce((
        SELECT own.tickets FROM own WHERE own.company = c.id), 0) AS ticket_count,
    {}
FROM (SELECT * FROM company c WHERE {} {}) c
CROSS JOIN LATERAL (SELECT {} AS known, ARRAY(
    SELECT cp.project FROM company_project cp WHERE cp.company = c.id AND {} ORDER BY cp.project
) AS project_ids) k
ORDER BY c.name, c.id
"""
ADMIN_NAMES = Sql("""
ARRAY(SELECT coalesce(nullif(trim(concat_ws(' ', a.first_name, a.last_name)), ''), a.username)
    FROM company_member m JOIN account a ON a.id = m.account
    WHERE k.known AND m.company = c.id AND m.relation = 'admin' ORDER BY a.username, a.id
) AS admin_names
""")
PEOPLE = """
(SELECT coalesce(json_agg(json_build_object('id', a.id, 'username', a.username, 'email', a.email,
        'first_name', a.first_name, 'last_name', a.last_name) ORDER BY a.username, a.id), '[]')
    FROM company_member m JOIN account a ON a.id = m.account
    WHERE k.known AND m.company = c.id AND m.relation = {})::text
"""
ROW = """
SELECT c.id, c.name, c.version,
    ARRAY(SELECT cp.project FROM company_project cp WHERE cp.company = c.id ORDER BY cp.project)
        AS projects
FROM company c WHERE c.id = {} AND {}
"""
# A project counts only where the actor sees it: a company may lie in a stranger's, too.
IS_IN = """
EXISTS (SELECT FROM company_project cp
    WHERE cp.company = c.id AND cp.project = ANY({}::bigint[]) AND {})
"""
SEARCHED = ["c.name", "c.description"]


async def list_page(
    actor: Actor, projects: list[int] | None, search: str, page: Page, links: MediaLinks
) -> tuple[list[CompanyItem], int]:
    """A page of what the actor sees, by name, and how many there are in all."""
    found = [companies_visible_to(actor)]
    if projects:
        found.append(Sql(IS_IN, projects, in_visible_project(actor, "cp.project")))
    if search:
        found.append(containing(search, SEARCHED))
    wanted = joined(" AND ", found)
    cut = Sql("ORDER BY c.name, c.id {}", page.limits())
    found = await rows(_dressed(actor, ADMIN_NAMES, wanted, cut), dict[str, Any])
    results = [msgspec.convert({**one, **_logo(one, links)}, CompanyItem) for one in found]
    return results, await scalar(Sql("SELECT count(*) FROM company c WHERE {}", wanted), int)


async def show(actor: Actor, company: int, links: MediaLinks) -> CompanyOut:
    """Raises NotFound where the actor does not see it."""
    wanted = Sql("c.id = {} AND {}", company, companies_visible_to(actor))
    people = Sql("{} AS admins, {} AS users", Sql(PEOPLE, "admin"), Sql(PEOPLE, "user"))
    found = await row(_dressed(actor, people, wanted, Sql("")), dict[str, Any])
    if found is None:
        raise NotFound
    decoded = {name: msgspec.json.decode(str(found[name])) for name in ("admins", "users")}
    return msgspec.convert({**found, **decoded, **_logo(found, links)}, CompanyOut)


async def get_row(actor: Actor, company: int) -> CompanyRow:
    """Raises NotFound where the actor does not see it."""
    found = await row(Sql(ROW, company, companies_visible_to(actor)), CompanyRow)
    if found is None:
        raise NotFound
    return found


def _logo(row: dict[str, Any], links: MediaLinks) -> dict[str, str | None]:
    """The row has paths; the reference shows each address twice."""
    logo, thumbnail = (links.open_to_all(row[name]) for name in ("logo", "logo_thumbnail"))
    return {
        "logo": logo,
        "logo_url": logo,
        "logo_thumbnail": thumbnail,
        "logo_thumbnail_url": thumbnail,
    }


def _dressed(actor: Actor, people: Sql, wanted: Sql, cut: Sql) -> Sql:
    return Sql(
        DRESSED,
        tickets_of(uncounted_tickets_of(actor), "t.id, t.company"),
        ticket_counts_of(actor),
        people,
        wanted,
        cut,
        companies_known_to(actor),
        in_visible_project(actor, "cp.project"),
    )
