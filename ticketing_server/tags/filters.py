"""What a list of tags or contacts can be narrowed by."""

from collections.abc import Sequence

import msgspec
from litestar.params import FromQuery

from ticketing_server.core.db import Sql
from ticketing_server.core.parameters import Ids, searched
from ticketing_server.core.search import containing


class Filters(msgspec.Struct, frozen=True):
    """Nothing is asked for where it is empty."""

    search: str
    projects: list[int]

    def conditions(self, alias: str, fields: Sequence[str]) -> list[Sql]:
        """On rows of that alias; `fields` are its columns to search in."""
        found: list[Sql] = []
        if self.projects:
            found.append(Sql(f"{alias}.project = ANY({{}}::bigint[])", self.projects))
        if self.search:
            found.append(containing(self.search, [f"{alias}.{field}" for field in fields]))
        return found


async def provide_filters(search: FromQuery[str | None] = None, project: Ids = None) -> Filters:
    """Reads the query parameters. Raises Invalid."""
    return Filters(searched(search), project or [])
