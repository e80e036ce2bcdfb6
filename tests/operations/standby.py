"""A streaming replica of an embedded PostgreSQL, made as `pg_basebackup` makes one."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg

from ticketing_server.core.postgres import EmbeddedPostgres
from ticketing_server.core.postgres.account import account_for

PATIENCE_SECONDS = 30
LAST_ASKED = """
SELECT query FROM pg_stat_activity
WHERE application_name = 'ticketing-server' ORDER BY query_start DESC LIMIT 1
"""


class Standby:
    """`primary` runs, in a directory that its account can reach; `directory` is to be made."""

    def __init__(self, primary: EmbeddedPostgres, directory: Path) -> None:
        self._account = account_for(directory)
        self._bin_dir = primary.bin_dir
        directory.mkdir()
        if self._account.substitutes_root:
            os.chown(directory, self._account.uid, self._account.gid)
        self._data, self._directory = directory / "data", directory
        self.dsn = primary.dsn.partition("?")[0] + f"?host={directory}&port=5432"
        self._run("pg_basebackup", "-D", self._data, "-d", primary.dsn, "-R", "-c", "fast")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        options = {"listen_addresses": "", "unix_socket_directories": str(self._directory)}
        given = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = [self._bin_dir / "postgres", "-D", self._data, "-c", "port=5432", *given]
        self._process = self._account.spawn(command)
        self._run("pg_isready", "-q", "-h", self._directory, "-t", str(PATIENCE_SECONDS))

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    async def catch_up(self, primary: EmbeddedPostgres) -> None:
        """Returns when it has replayed what is written there now."""
        written = await ask(primary.dsn, "SELECT pg_current_wal_flush_lsn()::text")
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await ask(self.dsn, replayed):
                await asyncio.sleep(0.05)

    async def has_read(self) -> bool:
        """Whether the last thing that a server asked it was to read for somebody."""
        found = await ask(self.dsn, LAST_ASKED)
        return "is_still" in (found or "")

    def _run(self, program: str, *arguments: str | Path) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        command: Sequence[str | Path] = [self._bin_dir / program, *arguments]
        while (status := self._account.spawn(command).wait()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert status == 0, command


async def ask(dsn: str, statement: str) -> Any:
    """The first column of the first row."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
