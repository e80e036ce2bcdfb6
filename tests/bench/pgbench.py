"""The other yardstick: pgbench with the statements that a write sends, in its transaction."""

import datetime as dt
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from tests.bench.recording import Recording
from tests.bench.scenarios import Facts, Scenario
from ticketing_server.core.db.engine import SESSION

NUMBER = re.compile(r"\$(\d+)")
CHOOSE = """
\\set n random(1, {count})
SELECT t.id AS id, t.version AS v
    FROM bench_choice b JOIN ticket t ON t.id = b.id WHERE b.n = :n \\gset
"""
CHOICE = """
CREATE TABLE IF NOT EXISTS bench_choice AS
SELECT n, id FROM unnest($1::bigint[]) WITH ORDINALITY AS given(id, n)
"""


async def prepare(dsn: str, facts: Facts) -> None:
    """The tickets among which each transaction chooses."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(CHOICE, facts.tickets)
        await connection.execute("CREATE UNIQUE INDEX ON bench_choice (n); ANALYZE bench_choice")
    finally:
        await connection.close()


def rate(
    program: Path,
    dsn: str,
    scenario: Scenario,
    recording: Recording,
    facts: Facts,
    connections: int,
    seconds: int,
) -> float:
    """Transactions per second; a change takes another ticket each time."""
    chosen = facts.tickets[0] if scenario.method == "PATCH" else None
    lines = [CHOOSE.format(count=len(facts.tickets))] if chosen else []
    lines += [_written(text, values, chosen) for text, values in recording.statements]
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write("\n".join(lines))
        script.flush()
        return _run(program, dsn, Path(script.name), connections, seconds)


def _run(program: Path, dsn: str, script: Path, connections: int, seconds: int) -> float:
    parts = urlsplit(dsn)
    environment = {
        "PGHOST": parse_qs(parts.query)["host"][0],
        "PGUSER": parts.username or "",
        "PGPASSWORD": unquote(parts.password or ""),
        "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in SESSION.items()),
    }
    options = f"-n -M prepared -c {connections} -j 1 -T {seconds} -f".split()
    ended = subprocess.run(
        [str(program), *options, str(script), parts.path.strip("/")],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    found = re.search(r"tps = ([\d.]+)", ended.stdout)
    if found is None or ended.returncode:
        raise RuntimeError(ended.stderr)
    return float(found[1])


def _written(text: str, values: list[Any], chosen: int | None) -> str:
    """pgbench takes every colon before a letter for a variable of its own."""
    if chosen:
        text = re.sub(r"t\.version = \$\d+", "t.version = :v", text)
    text = text.replace(":MI:SS", '":"MI":"SS')
    literals = [":id" if chosen and value == chosen else _literal(value) for value in values]
    filled = NUMBER.sub(lambda found: literals[int(found[1]) - 1], text)
    return " ".join(filled.split()).rstrip(";") + ";"


def _literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case list():
            kind = "text" if value and isinstance(value[0], str) else "bigint"
            return f"ARRAY[{', '.join(map(_literal, value))}]::{kind}[]"
        case dt.date():
            return f"'{value.isoformat()}'"
        case _:
            text = value if isinstance(value, str) else json.dumps(value)
            return "E'" + text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\072") + "'"
