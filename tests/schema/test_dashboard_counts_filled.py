"""What is kept for dashboards is there from the first day on, of what there was before."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg

from tests.conftest import ENVIRONMENT, create_database
from tests.recount import differences

ROOT = Path(__file__).parents[2]
SINCE = "ticketing_server_2026_11_28t00_50"

# Four hundred tickets, some open, urgent, overdue, nobody's, or resolved today.
BEFORE = """
INSERT INTO account (id, username, email, password) VALUES (1, 'a', 'a@x', '-'), (2, 'b', 'b@x', '-');
INSERT INTO project (id, name, key) VALUES (1, 'Desk', 'DESK'), (2, 'Help', 'HELP');
INSERT INTO company (id, name) VALUES (1, 'Acme'), (2, 'Globex');
INSERT INTO company_project (project, company) SELECT p, c FROM (VALUES (1), (2)) p(p), (VALUES (1), (2)) c(c);
INSERT INTO board_column (id, project, name, status, category, "order")
SELECT p * 10 + n, p, name, name, name, n FROM (VALUES (1), (2)) p(p),
    (VALUES (0, 'todo'), (1, 'in_progress'), (2, 'done')) c(n, name);
INSERT INTO ticket (project, "column", name, company, reporter, priority_id, due_date, resolved_at)
SELECT 1 + n % 2, (1 + n % 2) * 10 + n % 3, 'x', nullif(n % 4, 3) % 2 + 1, 1, 1 + n % 5,
    CASE WHEN n % 7 < 3 THEN current_date + n % 9 - 5 END,
    CASE WHEN n % 3 = 2 THEN now() - make_interval(days => n % 10) END
FROM generate_series(1, 400) n;
INSERT INTO ticket_assignee (project, ticket, account)
SELECT project, id, 1 + id % 2 FROM ticket WHERE id % 6 < 4;
INSERT INTO event (project, ticket, action) SELECT project, id, 'created' FROM ticket;
INSERT INTO event (project, ticket, action) VALUES (1, NULL, 'deleted');
"""  # noqa: E501


async def test_tickets_that_were_there_before_are_counted(tmp_path):
    url = await create_database(f"before_{os.getpid()}", template="template0")
    earlier(tmp_path)
    migrate(url, tmp_path)
    await run(url, BEFORE)

    migrate(url, ROOT)

    connection = await asyncpg.connect(url)
    text, values = differences().compile_string()
    assert await connection.fetch(text, *values) == []
    kept = "SELECT (SELECT count(*) FROM {}) > 0"
    for table in ("pressing_ticket", "pressing_count", "assigned_count"):
        assert await connection.fetchval(kept.format(table))
    await connection.close()


def earlier(checkout):
    """The server as it was before it kept any."""
    for part in ("ticketing_server", "piccolo_migrations"):
        shutil.copytree(ROOT / part, checkout / part)
    for file in (checkout / "piccolo_migrations").glob("ticketing_server_*.py"):
        if file.name >= SINCE:
            file.unlink()


def migrate(url, checkout):
    path = os.pathsep.join([str(checkout), *sys.path])
    subprocess.run(
        [sys.executable, "-m", "ticketing_server", "migrate"],
        cwd=checkout,
        env={**os.environ, **ENVIRONMENT, "DATABASE_URL": url, "PYTHONPATH": path},
        check=True,
        capture_output=True,
    )


async def run(url, statements):
    connection = await asyncpg.connect(url)
    await connection.execute(statements)
    await connection.close()
