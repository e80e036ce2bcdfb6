"""A copy of the programs for a user who cannot reach the original, say in a venv under /root."""

import shutil
from hashlib import sha256
from pathlib import Path

from ticketing_server.core.postgres.account import Account, user_name
from ticketing_server.core.postgres.binaries import Binaries
from ticketing_server.core.postgres.errors import PostgresError
from ticketing_server.core.postgres.private import identity

# Used only when the data directory is closed to the user as well.
SYSTEM_CACHE = Path("/var/cache/ticketing-server")


def reachable_bin_dir(binaries: Binaries, account: Account, data_dir: Path) -> Path:
    """The programs' own place, or that of a copy made once per installed version."""
    if account.reaches(binaries.bin_dir / "postgres"):
        return binaries.bin_dir
    if not binaries.trees:
        raise PostgresError(
            f"User {user_name(account.uid)}, who runs PostgreSQL, cannot reach {binaries.bin_dir}: "
            "install it where every user can read it, or start the server as an ordinary user."
        )
    copy = shelf(account, data_dir) / name_of(binaries)
    if not copy.exists():
        replace_copies(binaries, copy)
    return copy / binaries.bin_dir.relative_to(binaries.trees[0].parent)


def shelf(account: Account, data_dir: Path) -> Path:
    """Where the copies of one data directory are: nothing else, so older ones may be dropped."""
    if account.reaches(data_dir):
        return data_dir / "postgres.binaries"
    return make_open(SYSTEM_CACHE) / identity(data_dir)


def name_of(binaries: Binaries) -> str:
    """Another build of the same version gets another name."""
    program = binaries.bin_dir / "postgres"
    build = sha256(f"{program} {program.stat().st_mtime_ns}".encode()).hexdigest()
    return f"{binaries.version}-{build[:12]}"


def replace_copies(binaries: Binaries, copy: Path) -> None:
    shutil.rmtree(copy.parent, ignore_errors=True)
    unfinished = make_open(copy.parent) / "unfinished"
    for tree in binaries.trees:
        shutil.copytree(
            tree, unfinished / tree.name, ignore=shutil.ignore_patterns("include", "__pycache__")
        )
    for path in (unfinished, *unfinished.rglob("*")):
        open_to_read(path)
    unfinished.rename(copy)


def make_open(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    open_to_read(directory)
    return directory


def open_to_read(path: Path) -> None:
    if path.is_symlink():
        return
    mode = path.stat().st_mode
    path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
