"""Who descends from whom, and what they hold; from `/proc`."""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """Its children, theirs, and so on."""
    children: dict[int, list[int]] = {}
    for child, parent in _everybody():
        children.setdefault(parent, []).append(child)
    found, todo = [], [pid]
    while todo:
        todo += (below := children.get(todo.pop(), []))
        found += below
    return found


def server_processes(pid: int) -> list[int]:
    """The server and its workers; PostgreSQL, which it may have started, has its own session."""
    session = os.getsid(pid)
    return [pid, *(one for one in descendants(pid) if _session(one) == session)]


def workers(pid: int) -> list[int]:
    """Of a server with several; multiprocessing's own helper is none."""
    below = server_processes(pid)[1:]
    return [one for one in below if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def database_processes(data_dir: Path) -> list[int]:
    """The PostgreSQL of a data directory, with all that it has forked."""
    postmaster = int((data_dir / "postgres/postmaster.pid").read_text().split()[0])
    return [postmaster, *descendants(postmaster)]


def kill(pids: Iterable[int]) -> None:
    """-9, all before any of them can run again; returns when they are dead."""
    pids = list(pids)
    signal_all(pids, signal.SIGSTOP)
    signal_all(pids, signal.SIGKILL)
    while any(map(is_alive, pids)):
        time.sleep(0.001)


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def is_alive(pid: int) -> bool:
    """A dead one stays in the list until its parent has asked how it ended."""
    try:
        return _state(pid)[0] != "Z"
    except OSError:
        return False


def memory(pid: int) -> int:
    """Bytes that the process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def _everybody() -> Iterator[tuple[int, int]]:
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            with suppress(OSError):
                yield int(directory.name), int(_state(int(directory.name))[1])


def _state(pid: int) -> list[str]:
    """Its state, its parent's id, and so on, as in proc(5) from the third field."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
