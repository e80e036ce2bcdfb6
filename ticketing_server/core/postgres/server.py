"""A PostgreSQL server that we started: how it starts, and how it ends before us or with us."""

import logging
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ticketing_server.core.postgres import postmaster, private, sockets, tuning
from ticketing_server.core.postgres.account import Account
from ticketing_server.core.postgres.cluster import Cluster
from ticketing_server.core.postgres.errors import PostgresError, RemainsError
from ticketing_server.core.postgres.postmaster import START_SECONDS, Postmaster

logger = logging.getLogger(__name__)

FAST = signal.SIGINT
IMMEDIATE = signal.SIGQUIT
STOP_SECONDS = 30
# One that is well says at once that it has heard us. One that is frozen, or whose disk is, never
# does, and whoever stops us does not wait for it.
HEAR_SECONDS = 3
POLL_SECONDS = 0.01
REMAINS = ("pre-existing shared memory", '.pid" already exists', '.pid" is empty')

# Nobody writes to its input, so `read` returns when the last holder of the other end is gone.
# Unlike the kernel's parent death signal, that works on macOS and from a thread that ends. The id
# cannot have become another process's: until we ask how PostgreSQL ended, it stays taken.
STOP_WHEN_ALONE = 'read -r nothing; kill -s INT "$1"'


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    watch: subprocess.Popen[bytes]
    socket: Path
    cluster: Cluster

    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """Ends sessions, keeps what is committed."""
        dismiss(self.watch)
        self.process.send_signal(FAST)
        if not self._hears():
            logger.error("PostgreSQL (process %s) does not answer: killed", self.process.pid)
            self.process.kill()
        elif not self._ends_within(STOP_SECONDS):
            logger.warning(
                "PostgreSQL (process %s) does not stop: immediate shutdown", self.process.pid
            )
            self.process.send_signal(IMMEDIATE)
            self.process.wait()

    def _hears(self) -> bool:
        deadline = time.monotonic() + HEAR_SECONDS
        while not self._ends_within(POLL_SECONDS):
            found = postmaster.recorded(self.cluster)
            if found and found.is_stopping:
                return True
            if time.monotonic() > deadline:
                return False
        return True

    def _ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def start(
    cluster: Cluster, bin_dir: Path, account: Account, *, durable: bool
) -> tuple[Server, Postmaster]:
    """Returns when it is ready."""
    cluster.log.rotate()
    began = cluster.log.size()
    postmaster.forget_stranger(cluster)
    server = launch(cluster, bin_dir, account, durable=durable)
    try:
        return server, await_ready(server, cluster, began)
    except BaseException:
        server.stop()
        raise


def launch(cluster: Cluster, bin_dir: Path, account: Account, *, durable: bool) -> Server:
    socket_dir = sockets.make_socket_directory(cluster.data_dir, account)
    sockets.clear(socket_dir)
    with ExitStack() as lent:
        pgdata = lent.enter_context(private.seen_by(account, cluster.pgdata))
        run = lent.enter_context(private.seen_by(account, socket_dir))
        process = account.spawn(
            [bin_dir / "postgres", "-D", pgdata.path, *tuning.arguments(run.path, durable=durable)],
            output=lent.enter_context(cluster.log.opened()),
            pass_fds=(*pgdata.pass_fds, *run.pass_fds),
        )
    watch = watch_over(process, account)
    return Server(process, watch, sockets.socket_in(socket_dir), cluster)


def watch_over(process: subprocess.Popen[bytes], account: Account) -> subprocess.Popen[bytes]:
    """Stops PostgreSQL when we are killed without a chance to do it ourselves."""
    command = ["/bin/sh", "-c", STOP_WHEN_ALONE, "postgres-watch", str(process.pid)]
    try:
        return account.spawn(command, stdin=subprocess.PIPE)
    except BaseException:
        process.send_signal(FAST)
        process.wait()
        raise


def dismiss(watch: subprocess.Popen[bytes]) -> None:
    watch.kill()
    watch.communicate()


def await_ready(server: Server, cluster: Cluster, log_began: int) -> Postmaster:
    began = time.monotonic()
    while server.is_running():
        ours = recorded_by(server, cluster)
        if ours and ours.is_ready:
            return ours
        if time.monotonic() - began > (ours.patience if ours else START_SECONDS):
            raise failure("is not ready after a long time", cluster, log_began)
        time.sleep(POLL_SECONDS)
    raise failure("stopped while starting", cluster, log_began)


def recorded_by(server: Server, cluster: Cluster) -> Postmaster | None:
    """The file of a killed server may name the same process id, in a container even usually.

    It is replaced before the socket appears, which was cleared away before the start.
    """
    found = postmaster.recorded(cluster) if server.socket.exists() else None
    return found if found and found.pid == server.process.pid else None


def failure(what: str, cluster: Cluster, log_began: int) -> PostgresError:
    tail = cluster.log.tail(log_began)
    kind = RemainsError if any(sign in tail for sign in REMAINS) else PostgresError
    return kind(f"PostgreSQL {what}; {cluster.log.path} ends with:\n{tail}")
