"""Starts what is measured, and reads from /proc what it has used."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
REPOSITORY = Path(__file__).parents[2]


@contextmanager
def running(command: list[str], port: int, ready: str, **environment: str) -> Iterator[int]:
    """The process id of a server that answers at `ready`; it is stopped with the block."""
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(process, f"http://127.0.0.1:{port}{ready}")
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _await(process: subprocess.Popen[bytes], address: str) -> None:
    for _ in range(600):
        if process.poll() is not None:
            sys.exit(f"stopped: {process.args}")
        try:
            urllib.request.urlopen(address, timeout=5)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{address} does not answer")


def family(pid: int) -> list[int]:
    """The process and all that it has started."""
    found = [pid]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(entry) in found:
            found.append(int(entry.name))
    return found


def cpu_seconds(pid: int) -> float:
    """Of a process and its children, also of those that have ended."""
    return sum(sum(map(int, fields[11:15])) for fields in _stats(pid)) / TICKS


def memory_mb(pid: int) -> float:
    """Proportional set size of a process and its children."""
    return sum(_pss(Path(f"/proc/{one}")) for one in family(pid)) / 1024


def _stats(pid: int) -> Iterator[list[str]]:
    for one in family(pid):
        try:
            yield Path(f"/proc/{one}/stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return 0


def _pss(entry: Path) -> int:
    text = (entry / "smaps_rollup").read_text()
    return int(text.partition("\nPss:")[2].split()[0])
