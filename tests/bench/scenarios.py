"""What is asked, by whom; the people and tickets are those of `filling.sql`."""

import datetime as dt
from typing import Any

import asyncpg
import msgspec

from tests.bench.filling import PASSWORD
from ticketing_server.core.secrets.tokens import Tokens

SECRET = "a secret of the benchmark, long enough"
API = "/api/tickets"
# A superadmin of five projects, and somebody who belongs to three client companies.
OWNER, CLIENT = 2, 331


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """`bodies` are sent one after another, with `paths` beside them; a read has none."""

    name: str
    person: int = OWNER
    method: str = "GET"
    paths: list[str]
    bodies: list[dict[str, Any]] = []
    has_floor: bool = False
    has_pgbench: bool = False

    @property
    def is_write(self) -> bool:
        return bool(self.bodies)


class Facts(msgspec.Struct):
    """Rows to work on: tickets of the large project, two of its agents, one of its companies."""

    tickets: list[int]
    agents: list[int]
    company: int
    pages: int


FACTS = """
SELECT ARRAY(SELECT id FROM ticket WHERE project = 1 ORDER BY hashint8extended(id, 7) LIMIT 20000)
        AS tickets,
    ARRAY(SELECT account FROM user_role WHERE project = 1 AND role = 'admin' ORDER BY 1 LIMIT 2)
        AS agents,
    (SELECT min(company) FROM company_project WHERE project = 1) AS company,
    (SELECT count(*) FROM ticket WHERE project <= 5) / 20 AS pages
"""


async def facts_of(dsn: str) -> Facts:
    connection = await asyncpg.connect(dsn)
    try:
        return msgspec.convert(dict(await connection.fetchrow(FACTS)), Facts)
    finally:
        await connection.close()


def reads(facts: Facts) -> list[Scenario]:
    ticket, lists = facts.tickets[0], f"{API}/tickets/?page_size=20"
    dashboards = ("company-health", "attention-needed", "newest", "activity", "workload")
    return [
        Scenario(name="list", paths=[lists], has_floor=True),
        Scenario(name="list, column and priority", paths=[f"{lists}&column=2&priority_id=5"]),
        Scenario(name="list, two tags", paths=[f"{lists}&tags=1&tags=2"]),
        Scenario(name="list, search rare", paths=[f"{lists}&search=zirconium"]),
        Scenario(name="list, search common", paths=[f"{lists}&search=printer"]),
        Scenario(name="list, search two words", paths=[f"{lists}&search=zirconium%20printer"]),
        Scenario(name="list, search Georgian", paths=[f"{lists}&search=%E1%83%9E%E1%83%A0"]),
        Scenario(name="list, last page", paths=[f"{lists}&page={facts.pages}"]),
        Scenario(name="list, middle page", paths=[f"{lists}&page={facts.pages // 2}"]),
        Scenario(name="list, of a client", person=CLIENT, paths=[lists]),
        Scenario(name="detail", paths=[f"{API}/tickets/{ticket}/"], has_floor=True),
        Scenario(name="columns", paths=[f"{API}/columns/?project=1"], has_floor=True),
        Scenario(name="comments", paths=[f"{API}/comments/?ticket={ticket}"], has_floor=True),
        *[
            Scenario(name=f"dashboard {slug}", paths=[f"{API}/dashboard/{slug}/?project=1"])
            for slug in (*dashboards, "kanban-summary")
        ],
        Scenario(name="companies", paths=[f"{API}/companies/?page_size=100"]),
        Scenario(name="company stats", paths=[f"{API}/companies/{facts.company}/stats/"]),
    ]


def writes(facts: Facts) -> list[Scenario]:
    new = {
        "name": "A printer jams again",
        "description": "On the second floor, since this morning.",
        "column": 1,
        "priority_id": 4,
        "company": facts.company,
        "assignee_ids": facts.agents,
    }
    paths = [f"{API}/tickets/{ticket}/" for ticket in facts.tickets]
    # Each ticket is moved once a lap, and each lap goes to another column.
    moves = [{"column": column} for column in (1, 2, 3) for _ in paths]
    said = [{"ticket": ticket, "content": "Had a look."} for ticket in facts.tickets]
    return [
        Scenario(
            name="create", method="POST", paths=[f"{API}/tickets/"], bodies=[new], has_pgbench=True
        ),
        Scenario(name="move", method="PATCH", paths=paths, bodies=moves, has_pgbench=True),
        Scenario(name="comment", method="POST", paths=[f"{API}/comments/"], bodies=said),
    ]


def logins() -> Scenario:
    bodies = [{"username": f"person{n}", "password": PASSWORD} for n in range(4, 2000)]
    return Scenario(name="login", method="POST", paths=[f"{API}/auth/login/"], bodies=bodies)


def token_of(person: int) -> str:
    tokens = Tokens(SECRET, access=dt.timedelta(days=1), refresh=dt.timedelta(days=1))
    return tokens.issue(person, 0).access
