"""What is held while the members or projects of a company change.

Two companies of one project may justify the same role, so whoever changes either of them holds the
project; always in the order of ids, the company last, so that nobody waits in a circle. Tickets
are created meanwhile: their reference to the project is a lock on its key only.
"""

from collections.abc import Iterable

import msgspec

from ticketing_server.companies.structs import CompanyRow
from ticketing_server.core.db import Sql, execute, row
from ticketing_server.core.errors import Conflict, NotFound

PROJECTS = "SELECT id FROM project WHERE id = ANY({}::bigint[]) ORDER BY id FOR NO KEY UPDATE"
COMPANY = """
SELECT c.version, array_remove(ARRAY[c.logo, c.logo_thumbnail], NULL) AS files,
    ARRAY(SELECT cp.project FROM company_project cp WHERE cp.company = c.id ORDER BY cp.project)
        AS projects
FROM company c WHERE c.id = {} FOR UPDATE OF c
"""


class Present(msgspec.Struct):
    """A company as it is now, and stays until the change at hand is over."""

    version: int
    projects: list[int]
    files: list[str]


async def hold_projects(projects: Iterable[int]) -> None:
    await execute(Sql(PROJECTS, sorted(set(projects))))


async def hold(company: CompanyRow, also: Iterable[int] = ()) -> Present:
    """Raises NotFound, Conflict when its projects are no longer the same.

    The caller was judged by the projects that the company had when the guard read it.
    """
    await hold_projects([*company.projects, *also])
    present = await row(Sql(COMPANY, company.id), Present)
    if present is None:
        raise NotFound
    if present.projects != company.projects:
        raise Conflict("The company's projects have changed meanwhile; try again.")
    return present
