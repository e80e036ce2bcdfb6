"""All that we ask of a server ourselves: to let us in, and to have our database."""

import subprocess
from pathlib import Path

from ticketing_server.core.postgres.account import clean_environment
from ticketing_server.core.postgres.cluster import SUPERUSER, Cluster
from ticketing_server.core.postgres.errors import PostgresError
from ticketing_server.core.postgres.postmaster import Postmaster

DATABASE = "ticketing"
LIMITS = {"PGCONNECT_TIMEOUT": "10", "PGOPTIONS": "-c statement_timeout=60s"}

CREATE_IF_MISSING = rf"""
SELECT 'CREATE DATABASE {DATABASE}'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \gexec
"""


def ensure_database(bin_dir: Path, cluster: Cluster, server: Postmaster) -> None:
    where = ["-h", server.socket_dir, "-p", str(server.port), "-U", SUPERUSER, "-d", "postgres"]
    told = subprocess.run(  # noqa: S603 - a program of PostgreSQL
        [bin_dir / "psql", "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", *where],
        input=CREATE_IF_MISSING,
        env=clean_environment() | LIMITS | {"PGPASSWORD": cluster.password},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise PostgresError(
            f"PostgreSQL in {cluster.pgdata} runs, but does not let us in: {told.stderr.strip()}"
        )
