"""One scenario on one server: what it answers, and what that costs."""

import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.bench import load, processes
from tests.bench.load import Found
from tests.bench.recording import Recording
from tests.bench.scenarios import SECRET, Scenario

SERVER, FLOOR, TWIN = 8471, 8472, 8473


class Measured(msgspec.Struct):
    """Milliseconds of processor time for each request: of the server, and of PostgreSQL."""

    found: Found
    server_ms: float
    database_ms: float
    memory_mb: float


class Meter:
    """Knows the processes of which it measures the use."""

    def __init__(self, server: int, postmaster: int, port: int) -> None:
        self._server, self._postmaster, self._port = server, postmaster, port
        self._sent = Counter[str]()

    def measure(self, scenario: Scenario, connections: int, seconds: float) -> Measured:
        before = self._used()
        sent = self._sent[scenario.name]
        found = load.drive(self._port, scenario, connections, seconds, sent)
        self._sent[scenario.name] += found.requests
        server, database = (now - then for now, then in zip(self._used(), before, strict=True))
        each = 1000 / max(found.requests, 1)
        memory = processes.memory_mb(self._server)
        return Measured(found, server * each, database * each, memory)

    def _used(self) -> tuple[float, float]:
        return processes.cpu_seconds(self._server), processes.cpu_seconds(self._postmaster)


@contextmanager
def served(dsn: str, workers: int = 1, python: str = sys.executable) -> Iterator[int]:
    """`ticketing-server serve`, as a user starts it but for the throttle."""
    with tempfile.TemporaryDirectory() as directory:
        # Not by `-m`, which would find this checkout's package first.
        command = [str(Path(python).with_name("ticketing-server")), "serve", "--port", str(SERVER)]
        command += ["--workers", str(workers), "--data-dir", directory]
        environment = {"DATABASE_URL": dsn, "SECRET_KEY": SECRET, "AUTH_RATE_LIMIT": "off"}
        with processes.running(command, SERVER, "/readyz", **environment) as pid:
            yield pid


@contextmanager
def floor(dsn: str, recording: Recording) -> Iterator[int]:
    """The bare handler of `floor.py`, on the loop and the parser that the server has."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(_pickled(recording))
        command = [sys.executable, "-m", "uvicorn", "tests.bench.floor:app", "--port", str(FLOOR)]
        command += ["--no-access-log", "--log-level", "warning"]
        environment = {"DATABASE_URL": dsn, "FLOOR": file.name}
        with processes.running(command, FLOOR, "/", **environment) as pid:
            yield pid


@contextmanager
def twin(dsn: str) -> Iterator[int]:
    """The Django twin under gunicorn, one process."""
    command = [sys.executable, "-m", "gunicorn", "-w", "1", "--threads", "4"]
    command += ["-b", f"127.0.0.1:{TWIN}", "tests.bench.twins.django_rest.wsgi:application"]
    with processes.running(command, TWIN, "/", DATABASE_URL=dsn, SECRET_KEY=SECRET) as pid:
        yield pid


def _pickled(recording: Recording) -> bytes:
    return pickle.dumps({"statements": recording.statements, "body": recording.body})
