"""Files and directories that nobody else may read, replace, or have put there before us."""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ticketing_server.core.postgres.account import Account, user_name
from ticketing_server.core.postgres.errors import PostgresError

DESCRIPTORS = Path("/proc/self/fd")


@dataclass(frozen=True)
class View:
    """A directory under the path by which PostgreSQL finds it."""

    path: Path
    pass_fds: tuple[int, ...] = ()


def open_file(path: Path, flags: int) -> int:
    """Our own file, created when missing; a symbolic link in its place is refused."""
    return os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def make_directory(path: Path, account: Account) -> None:
    """A directory for the account alone."""
    path.mkdir(mode=0o700, exist_ok=True)
    with opened(path) as descriptor:
        status = os.fstat(descriptor)
        if status.st_uid not in (account.uid, os.geteuid()):
            raise PostgresError(
                f"{path} must be private to the server, but it belongs to user "
                f"{user_name(status.st_uid)}: have it removed, then start again."
            )
        os.fchmod(descriptor, 0o700)
        account.give(descriptor)


def is_private(path: Path, account: Account) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(status.st_mode) and status.st_uid == account.uid and not status.st_mode & 0o077
    )


def identity(directory: Path) -> str:
    """Stays the same when the directory moves, and differs for a copy of it."""
    status = directory.stat()
    return f"{status.st_dev:x}-{status.st_ino:x}"


@contextmanager
def seen_by(account: Account, directory: Path) -> Generator[View]:
    """Lends the account a directory of its own that lies behind closed ones, such as /root.

    Its processes inherit the descriptor: no permission of a parent changes, and PostgreSQL gets
    no right that its user does not have.
    """
    if account.reaches(directory):
        yield View(directory)
        return
    if not DESCRIPTORS.is_dir():
        raise PostgresError(
            f"User {user_name(account.uid)}, who runs PostgreSQL, cannot reach {directory}: choose "
            "a data directory outside of private ones, or start the server as an ordinary user."
        )
    with opened(directory) as descriptor:
        yield View(DESCRIPTORS / str(descriptor), (descriptor,))


@contextmanager
def opened(directory: Path) -> Generator[int]:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
