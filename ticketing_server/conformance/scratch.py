"""A database to try things out on: the demo's people and tickets, its statements counted."""

import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.authentication import find_actor
from ticketing_server.access.matrix import Role
from ticketing_server.core.db import DB, Sql, pool, rows
from ticketing_server.core.postgres import EmbeddedPostgres

SIZE = 4
# What asyncpg asks once per connection, about array types.
INTROSPECTION = ("typeinfo_tree", "set_config(")

# The project with the most people, and of each role in it the person with the most tickets.
PEOPLE = """
SELECT DISTINCT ON (r.role) r.role, r.account, r.project
FROM user_role r
WHERE r.project = (SELECT project FROM user_role GROUP BY project ORDER BY count(*) DESC LIMIT 1)
ORDER BY r.role, (SELECT count(*) FROM ticket t WHERE t.reporter = r.account) DESC, r.account
"""


class Cast(msgspec.Struct, frozen=True):
    """A project, and a member of it for each role."""

    project: int
    people: dict[Role, Actor]


class _Member(msgspec.Struct):
    role: Role
    account: int
    project: int


class Statements:
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.count = 0

    async def watch(self, connection: asyncpg.Connection) -> None:
        connection.add_query_logger(self._note)

    def _note(self, logged: Any) -> None:
        self.count += not any(words in logged.query for words in INTROSPECTION)


@contextmanager
def scratch_cluster() -> Generator[None]:
    """A PostgreSQL that is gone after the block. Raises PostgresError where none can be had."""
    with tempfile.TemporaryDirectory(prefix="ticketing-check-") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder), durable=False) as postgres:
            DB.configure(postgres.dsn)
            yield


@asynccontextmanager
async def counted() -> AsyncGenerator[Statements]:
    statements = Statements()
    async with pool(SIZE, on_connect=statements.watch):
        yield statements


async def find_cast() -> Cast:
    members = await rows(Sql(PEOPLE), _Member)
    people = {member.role: await find_actor(member.account) for member in members}
    return Cast(members[0].project, people)
