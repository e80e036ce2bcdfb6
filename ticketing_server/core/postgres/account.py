"""The operating system user PostgreSQL runs as: we ourselves, but never root."""

import os
import pwd
import subprocess
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ticketing_server.core.postgres.errors import PostgresError

SYSTEM_USERS = ("ticketing", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who PostgreSQL is to the operating system."""

    uid: int
    gid: int
    substitutes_root: bool

    def reaches(self, path: Path) -> bool:
        """It may pass every directory on the way; when in doubt, as with access lists, no."""
        return not self.substitutes_root or all(map(self._may_pass, (path, *path.parents)))

    def give(self, descriptor: int) -> None:
        """Makes it the owner of an open file or directory."""
        if self.substitutes_root:
            os.fchown(descriptor, self.uid, self.gid)

    def spawn(
        self,
        command: Sequence[str | Path],
        *,
        stdin: int = subprocess.DEVNULL,
        output: int = subprocess.DEVNULL,
        pass_fds: Collection[int] = (),
    ) -> subprocess.Popen[bytes]:
        """A process of its own session, so that Ctrl-C reaches only the application."""
        return subprocess.Popen(  # noqa: S603 - a program of PostgreSQL
            command,
            stdin=stdin,
            stdout=output,
            stderr=output,
            pass_fds=pass_fds,
            cwd="/",
            env=clean_environment(),
            start_new_session=True,
            user=self.uid if self.substitutes_root else None,
            group=self.gid if self.substitutes_root else None,
            extra_groups=[] if self.substitutes_root else None,
        )

    def _may_pass(self, path: Path) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        if status.st_gid == self.gid:
            return bool(status.st_mode & 0o010)
        return bool(status.st_mode & 0o001)


def clean_environment() -> dict[str, str]:
    """No PG* variable of the operator gets through."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": "/"}


def account_for(pgdata: Path) -> Account:
    """The owner of the cluster, if that is somebody we can be."""
    owner = owner_of(pgdata)
    accounts = possible_accounts()
    for account in accounts:
        if owner in (None, account.uid):
            return account
    if owner is None:
        raise PostgresError(
            "PostgreSQL refuses to run as root, and there is no other user to run it as: "
            f"create a system user {SYSTEM_USERS[0]!r}, or start the server as an ordinary user."
        )
    raise PostgresError(
        f"{pgdata} belongs to user {user_name(owner)}, but the server was started by user "
        f"{user_name(os.geteuid())}: start it as the user who started it first, or change the "
        f"owner of everything in {pgdata.parent}."
    )


def owner_of(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except FileNotFoundError:
        return None


def possible_accounts() -> list[Account]:
    if os.geteuid() != 0:
        return [Account(os.geteuid(), os.getegid(), substitutes_root=False)]
    accounts: list[Account] = []
    for name in SYSTEM_USERS:
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            accounts.append(Account(user.pw_uid, user.pw_gid, substitutes_root=True))
    return accounts


def user_name(uid: int) -> str:
    try:
        return repr(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return str(uid)
