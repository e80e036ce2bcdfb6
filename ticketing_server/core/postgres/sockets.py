"""The private directory in which PostgreSQL listens."""

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ticketing_server.core.postgres import private
from ticketing_server.core.postgres.account import Account
from ticketing_server.core.postgres.errors import PostgresError

PORT = 5432
# Linux takes 107 bytes, macOS 103.
LONGEST = 103


def make_socket_directory(data_dir: Path, account: Account) -> Path:
    """Inside the data directory, or elsewhere when that path is no name for a socket."""
    for directory in candidates(data_dir, account):
        if is_addressable(directory):
            private.make_directory(directory, account)
            return directory
    raise PostgresError(
        f"No directory has a path short enough for a socket: move {data_dir} to a shorter path."
    )


def candidates(data_dir: Path, account: Account) -> Iterator[Path]:
    yield data_dir / "run"
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir()):
        if (
            parent
            and os.access(parent, os.W_OK | os.X_OK)
            and account.reaches(Path(parent).resolve())
        ):
            yield Path(parent).resolve() / f"ticketing-{account.uid}-{private.identity(data_dir)}"


def is_addressable(directory: Path) -> bool:
    """Clients read a comma as the start of a second host."""
    path = str(directory)
    return (
        "," not in path and path.isprintable() and len(os.fsencode(socket_in(directory))) <= LONGEST
    )


def socket_in(directory: Path, port: int = PORT) -> Path:
    return directory / f".s.PGSQL.{port}"


def is_listening(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(os.fsencode(path))
        except (BlockingIOError, TimeoutError):
            # Too busy to take one more is still there.
            return True
        except OSError:
            return False
    return True


def clear(directory: Path) -> None:
    """Removes what a killed server left: its process id may by now be somebody else's."""
    for remains in directory.glob(".s.PGSQL.*"):
        remains.unlink(missing_ok=True)
