"""The files of the cluster; it comes to be there at once or not at all."""

import fcntl
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ticketing_server.core.postgres import private
from ticketing_server.core.postgres.account import Account
from ticketing_server.core.postgres.errors import PostgresError
from ticketing_server.core.postgres.log import Log

SUPERUSER = "ticketing"
BUILTIN_LOCALES_SINCE = 17
UNFINISHED = "postgres.unfinished-"


@dataclass(frozen=True)
class Cluster:
    data_dir: Path

    @property
    def pgdata(self) -> Path:
        return (self.data_dir / "postgres").resolve()

    @property
    def log(self) -> Log:
        return Log(self.data_dir / "postgres.log")

    @property
    def password(self) -> str:
        try:
            return self.password_file.read_text().strip()
        except FileNotFoundError:
            raise PostgresError(
                f"{self.password_file} is missing, and nobody gets into {self.pgdata} without it: "
                "put it back from a backup."
            ) from None

    @property
    def password_file(self) -> Path:
        return self.data_dir / "postgres.password"

    @contextmanager
    def locked(self) -> Generator[None]:
        """One process at a time creates, starts or adopts."""
        descriptor = private.open_file(self.data_dir / "postgres.lock", os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def exists(self) -> bool:
        return (self.pgdata / "PG_VERSION").exists()

    def create(self, bin_dir: Path, major: int, account: Account, *, durable: bool) -> None:
        """Made beside its place and moved there, so that none is ever half made."""
        self._check_free()
        self._clear_unfinished()
        workshop = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.data_dir))
        try:
            private.make_directory(workshop, account)
            password = secrets.token_urlsafe(24)
            write_private(workshop / "password", password, account)
            self._initdb(bin_dir, workshop, account, options_for(major, durable=durable))
            self._keep_password(password)
            (workshop / "cluster").replace(self.pgdata)
            sync_directory(self.data_dir)
        finally:
            self._clear_unfinished()

    def _check_free(self) -> None:
        if self.pgdata.exists() and any(self.pgdata.iterdir()):
            raise PostgresError(
                f"{self.pgdata} holds files but no PostgreSQL cluster (no PG_VERSION): move it "
                "away to start with an empty database, or put back a backup of it."
            )

    def _clear_unfinished(self) -> None:
        for remains in self.data_dir.glob(f"{UNFINISHED}*"):
            shutil.rmtree(remains, ignore_errors=True)

    def _initdb(self, bin_dir: Path, workshop: Path, account: Account, options: list[str]) -> None:
        began = self.log.size()
        with self.log.opened() as output, private.seen_by(account, workshop) as view:
            places = ["-D", view.path / "cluster", f"--pwfile={view.path / 'password'}"]
            command = [bin_dir / "initdb", "-U", SUPERUSER, *places, *options]
            code = account.spawn(command, output=output, pass_fds=view.pass_fds).wait()
        if code:
            raise PostgresError(f"initdb could not create {self.pgdata}:\n{self.log.tail(began)}")

    def _keep_password(self, password: str) -> None:
        """On disk before the cluster that needs it."""
        fresh = self.password_file.with_suffix(".fresh")
        write_private(fresh, password)
        fresh.replace(self.password_file)


def options_for(major: int, *, durable: bool) -> list[str]:
    return [
        *("--encoding=UTF8", "--auth=scram-sha-256", "--data-checksums", "--no-instructions"),
        *locale_options(major),
        *([] if durable else ["--no-sync"]),
    ]


def locale_options(major: int) -> list[str]:
    """PostgreSQL's own locale, where it has one: a new libc then cannot reorder an index."""
    if major < BUILTIN_LOCALES_SINCE:
        return ["--locale=C.UTF-8"]
    # The C library of macOS has no C.UTF-8, which libc's own categories would need.
    libc = "C" if sys.platform == "darwin" else "C.UTF-8"
    return ["--locale-provider=builtin", f"--locale={libc}", "--builtin-locale=C.UTF-8"]


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    descriptor = private.open_file(path, os.O_WRONLY | os.O_TRUNC)
    with os.fdopen(descriptor, "w") as file:
        if account:
            account.give(descriptor)
        file.write(f"{text}\n")
        file.flush()
        os.fsync(descriptor)


def sync_directory(path: Path) -> None:
    with private.opened(path) as descriptor:
        os.fsync(descriptor)
