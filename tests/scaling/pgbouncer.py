"""PgBouncer before a PostgreSQL, pooling by transaction, set up as docs/scaling.md says."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from tests.ports import free_port
from ticketing_server.core.db.engine import SESSION
from ticketing_server.core.postgres.account import account_for

# Since this one, a statement that was prepared on one connection is known on all of them.
OLDEST = (1, 21)
PROGRAM = os.environ.get("PGBOUNCER") or shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
CONFIGURATION = """
[databases]
ticketing = host={host} port={port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {directory}/userlist.txt
pool_mode = transaction
max_prepared_statements = 200
default_pool_size = 20
max_client_conn = 1000
# What the server says of a session when it connects; the role says it instead (ALTER ROLE).
ignore_startup_parameters = {settings}
# Less than the server's own patience, which says 503; and soon back when the database is.
query_wait_timeout = 5
server_login_retry = 1
"""


def missing() -> str | None:
    """Why there is no PgBouncer to try; None where there is."""
    if PROGRAM is None:
        return "PgBouncer is not on this machine"
    told = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
    version = re.search(r"(\d+)\.(\d+)", told.stdout)
    assert version, told.stdout
    if tuple(map(int, version.groups())) < OLDEST:
        return f"PgBouncer {version[0]} cannot pool prepared statements by transaction"
    return None


class PgBouncer:
    """In a directory that PostgreSQL's account can reach; `dsn` leads to a unix socket."""

    def __init__(self, dsn: str, directory: Path) -> None:
        assert PROGRAM is not None
        directory.mkdir(mode=0o755)
        account = account_for(directory / "none")
        self._directory, self._port = directory, free_port()
        self._password = unquote(urlsplit(dsn).password or "")
        (directory / "userlist.txt").write_text(f'"ticketing" "{self._password}"\n')
        self._configure(dsn)
        self._process = account.spawn([PROGRAM, directory / "pgbouncer.ini"])
        time.sleep(0.5)
        assert self._process.poll() is None

    @property
    def dsn(self) -> str:
        return f"postgresql://ticketing:{self._password}@127.0.0.1:{self._port}/ticketing"

    def point_to(self, dsn: str) -> None:
        """Another server, for all who are connected, while they are."""
        self._configure(dsn)
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _configure(self, dsn: str) -> None:
        where = parse_qs(urlsplit(dsn).query)
        (self._directory / "pgbouncer.ini").write_text(
            CONFIGURATION.format(
                host=where["host"][0],
                port=where["port"][0],
                listen=self._port,
                directory=self._directory,
                settings=", ".join(name for name in SESSION if name != "application_name"),
            )
        )


async def say_for_every_session(dsn: str) -> None:
    """What PgBouncer does not pass on, the role says."""
    connection = await asyncpg.connect(dsn)
    try:
        for name, value in SESSION.items():
            if name != "application_name":
                await connection.execute(f"ALTER ROLE ticketing SET {name} = '{value}'")
    finally:
        await connection.close()
