"""Keeps a database as this version makes it, so that later ones are tested on it.

`python -m tests.migrations 0.1.0` writes `tests/migrations/0.1.0.sql.gz`, with a small demo in it;
each release adds one. `--checkout DIRECTORY` does it with the code that lies there.
"""

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ticketing_server.core.postgres import EmbeddedPostgres

HERE = Path(__file__).parent
TICKETS = "40"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.migrations", description=__doc__)
    parser.add_argument("version")
    parser.add_argument("--checkout", type=Path, default=HERE.parents[1])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        with EmbeddedPostgres(directory, durable=False) as postgres:
            fill(given.checkout, postgres.dsn)
            sql = dump(postgres.bin_dir, postgres.dsn)
    (HERE / f"{given.version}.sql.gz").write_bytes(gzip.compress(sql))


def fill(checkout: Path, dsn: str) -> None:
    settings = {
        "DATABASE_URL": dsn,
        "SECRET_KEY": "only for as long as this takes, and no longer",
        "DEBUG": "true",
        "PLUGINS_DISABLED": "sla-watch,stale-tickets",
    }
    command = [sys.executable, "-m", "ticketing_server", "demo", "--tickets", TICKETS]
    subprocess.run(command, cwd=checkout, env={**os.environ, **settings}, check=True)


def dump(bin_dir: Path, dsn: str) -> bytes:
    """As SQL that any later PostgreSQL reads, and by nobody in particular."""
    command = [bin_dir / "pg_dump", "--no-owner", "--no-privileges", dsn]
    return subprocess.run(command, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
