"""Loads the demo: all of it, or nothing."""

from collections.abc import Iterator
from itertools import islice
from typing import cast

import msgspec

from ticketing_server.audit.acting import act_as_command
from ticketing_server.core.clock import today
from ticketing_server.core.db import DB

from . import content
from .boards import Board
from .chance import Chance
from .content import ProviderText
from .copying import Connection, copy, take_ids
from .drafts import Draft, draft
from .people import PASSWORD
from .provider import add_provider, names_to_take
from .rows import rows_of

CHUNK = 2_000

# Held to the end, so that of two loads at once the second sees what the first has done.
ONE_AT_A_TIME = """
SET LOCAL lock_timeout = 0;
SET LOCAL statement_timeout = 0;
LOCK TABLE project IN SHARE ROW EXCLUSIVE MODE;
"""
TAKEN = """
SELECT 'project ' || key FROM project WHERE key = ANY($1)
UNION ALL SELECT 'user ' || username FROM account
    WHERE lower(username) = ANY($2) OR lower(email) = ANY($2)
LIMIT 1
"""
# A planner that still takes the tables for empty would read them whole.
ANALYZE = """
ANALYZE ticket, ticket_words, ticket_count, ticket_kind_count, ticket_assignee, ticket_follower,
    ticket_tag, comment, event
"""


class DemoRefused(Exception):
    """Something of the demo is already there; nothing was changed."""


class DemoSummary(msgspec.Struct, frozen=True):
    """`sign_ins` are usernames by role; all but `admin` have the same `password`."""

    projects: int
    companies: int
    people: int
    tickets: int
    comments: int
    sign_ins: dict[str, str]
    password: str


async def load_demo(*, tickets: int = 400, seed: int = 1) -> DemoSummary:
    """Raises DemoRefused when a project key or a name that it needs is taken."""
    chance = Chance(seed, today())
    text = content.provider()
    async with DB.transaction() as transaction:
        connection = cast(Connection, transaction.connection)
        await connection.execute(ONE_AT_A_TIME)
        await act_as_command("demo")
        await _check_names_are_free(connection, text)
        provider = await add_provider(connection, chance, text)
        comments = await _add_tickets(connection, chance, provider.boards, tickets)
        await connection.execute(ANALYZE)
    return DemoSummary(
        projects=len(provider.boards),
        companies=provider.companies,
        people=provider.people,
        tickets=sum(board.last_number for board in provider.boards),
        comments=comments,
        sign_ins=provider.sign_ins,
        password=PASSWORD,
    )


async def _check_names_are_free(connection: Connection, text: ProviderText) -> None:
    keys = [project.key for project in text.projects]
    taken = await connection.fetchval(TAKEN, keys, names_to_take(text))
    if taken:
        raise DemoRefused(f"The demo is not loaded: {taken} is already there.")


async def _add_tickets(
    connection: Connection, chance: Chance, boards: list[Board], count: int
) -> int:
    """The number of comments."""
    comments = 0
    ids = await take_ids(connection, "ticket", count)
    drafts = _drafts(chance, boards, ids)
    while (rows := rows_of(chance, islice(drafts, CHUNK))).tickets:
        await rows.copy(connection)
        comments += len(rows.comments)
    last_numbers = [(board.project, board.last_number) for board in boards]
    await copy(connection, "project_counter", "project last_number", last_numbers)
    return comments


def _drafts(chance: Chance, boards: list[Board], ids: list[int]) -> Iterator[Draft]:
    turns = [board for board in boards for _ in range(board.share)]
    for id, opened_at in zip(ids, chance.opening_moments(len(ids)), strict=True):
        yield draft(chance, chance.choice(turns), id, opened_at)
