"""What `postmaster.pid` tells about the server of a cluster, whoever started it."""

import os
from dataclasses import dataclass
from pathlib import Path

from ticketing_server.core.postgres import private, sockets
from ticketing_server.core.postgres.cluster import Cluster

PROCESSES = Path("/proc")
START_SECONDS = 60
RECOVERY_SECONDS = 3600


@dataclass(frozen=True)
class Postmaster:
    pid: int
    port: int
    socket_dir: Path
    status: str

    @property
    def is_ready(self) -> bool:
        return self.status == "ready"

    @property
    def is_stopping(self) -> bool:
        return self.status == "stopping"

    def is_listening(self) -> bool:
        return sockets.is_listening(sockets.socket_in(self.socket_dir, self.port))

    @property
    def patience(self) -> int:
        """How many seconds to wait for it: recovery after a crash takes long, and says so."""
        return RECOVERY_SECONDS if self.status == "starting" else START_SECONDS


def recorded(cluster: Cluster) -> Postmaster | None:
    """What the file says, true or outdated; None until it is complete."""
    try:
        lines = (cluster.pgdata / "postmaster.pid").read_text().splitlines()
        pid, _, _, port, socket_dir, _, _, status = map(str.strip, lines)
        return Postmaster(int(pid), int(port), seen_by_clients(Path(socket_dir), cluster), status)
    except (FileNotFoundError, ValueError):
        return None


def seen_by_clients(socket_dir: Path, cluster: Cluster) -> Path:
    return cluster.data_dir / "run" if private.DESCRIPTORS in socket_dir.parents else socket_dir


def running(cluster: Cluster) -> Postmaster | None:
    found = recorded(cluster)
    return found if found and is_alive(found, cluster) else None


def is_alive(found: Postmaster, cluster: Cluster) -> bool:
    """The socket also answers from another container, where the process id means nothing."""
    return found.is_listening() or holds(found.pid, cluster)


def holds(pid: int, cluster: Cluster) -> bool:
    """The process lives and, where that can be seen, works in this cluster; ids are reused."""
    if not is_process(pid):
        return False
    if not PROCESSES.joinpath("self").exists():
        return True
    try:
        return PROCESSES.joinpath(str(pid), "cwd").samefile(cluster.pgdata)
    except PermissionError:
        # Root in a container may not look that closely at other users' processes.
        return may_be_postgres(pid)
    except OSError:
        return False


def may_be_postgres(pid: int) -> bool:
    state = PROCESSES.joinpath(str(pid), "stat").read_text()
    return "(postgres) " in state and "(postgres) Z" not in state


def forget_stranger(cluster: Cluster) -> None:
    """PostgreSQL takes whatever process now has the id in a stale file for its rival."""
    found = recorded(cluster)
    if found and is_process(found.pid) and not is_alive(found, cluster):
        (cluster.pgdata / "postmaster.pid").unlink(missing_ok=True)


def is_process(pid: int) -> bool:
    """Somebody else's process counts as none: it cannot be PostgreSQL in a cluster of ours."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
