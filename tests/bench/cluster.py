"""The PostgreSQL of the benchmark: filled databases that are kept, and a copy for each run."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from tests.bench.filling import fill
from ticketing_server.core.postgres import EmbeddedPostgres, binaries


class Cluster:
    """Durable, as `serve` starts it; nothing is tuned that a user's would not be."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(exist_ok=True)
        self._directory = directory
        self._postgres = EmbeddedPostgres(directory)

    def __enter__(self) -> "Cluster":
        self._postgres.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._postgres.stop()

    @property
    def postmaster(self) -> int:
        return int((self._directory / "postgres" / "postmaster.pid").read_text().split()[0])

    def dsn(self, database: str) -> str:
        return self._postgres.dsn.replace("/ticketing?", f"/{database}?")

    def program(self, name: str) -> Path:
        """One that came with PostgreSQL: pgbench."""
        return binaries.choose(self._directory / "postgres").bin_dir / name

    @asynccontextmanager
    async def copy(self, tickets: int) -> AsyncIterator[str]:
        """The address of a database of that size which may be written to."""
        await self._filled(tickets)
        await self._execute("DROP DATABASE IF EXISTS bench_run WITH (FORCE)")
        copy = f"CREATE DATABASE bench_run TEMPLATE bench_{tickets} STRATEGY FILE_COPY"
        await self._execute(copy)
        try:
            yield self.dsn("bench_run")
        finally:
            await self._execute("DROP DATABASE bench_run WITH (FORCE)")

    async def _filled(self, tickets: int) -> None:
        name = f"bench_{tickets}"
        if await self._execute(f"SELECT FROM pg_database WHERE datname = '{name}'") == "SELECT 1":
            return
        sys.stderr.write(f"filling {name}: two minutes for each 200,000 tickets ...\n")
        await self._execute("DROP DATABASE IF EXISTS bench_unfinished WITH (FORCE)")
        await self._execute("CREATE DATABASE bench_unfinished")
        await fill(self.dsn("bench_unfinished"), tickets)
        await self._execute(f"ALTER DATABASE bench_unfinished RENAME TO {name}")

    async def _execute(self, statement: str) -> str:
        connection = await asyncpg.connect(self._postgres.dsn)
        try:
            return await connection.execute(statement)
        finally:
            await connection.close()
