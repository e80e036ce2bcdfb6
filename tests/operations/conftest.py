"""Real server processes, started and stopped as an operator would."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.conftest import clone_template, create_database
from tests.operations import warm
from tests.ports import free_port

COMMAND = [sys.executable, "-W", "error::DeprecationWarning", "-m", "ticketing_server"]
SECRET = "a secret for tests that is long enough"


def environment(**given: str) -> dict[str, str]:
    """The bare minimum of a shell: no setting of whoever runs the tests leaks in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path), **given}


class Server:
    """A running `serve`."""

    def __init__(
        self,
        *arguments: str,
        cwd: Path,
        port: int = 0,
        command: Sequence[str] = COMMAND,
        **settings: str,
    ) -> None:
        self.port = port or free_port()
        with (cwd / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "serve", "--port", str(self.port), *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=cwd,
                env=environment(**settings),
            )
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline()

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}/api/tickets", timeout=20)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=40)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """`start("--workers", "2", DEBUG="true")`; all are stopped in the end."""
    servers: list[Server] = []

    def start(*arguments: str, **given: Any) -> Server:
        servers.append(Server(*arguments, cwd=tmp_path, **given))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def directory() -> Iterator[Path]:
    """One that PostgreSQL's account can reach, unlike pytest's own."""
    with TemporaryDirectory(prefix="ticketing-tests-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
async def database() -> dict[str, str]:
    """The settings that name a migrated database of the test cluster, and nothing in it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return {"DATABASE_URL": await clone_template(f"served_{worker}"), "SECRET_KEY": SECRET}


@pytest.fixture
async def empty() -> dict[str, str]:
    """The settings that name a database of the test cluster in which there is nothing at all."""
    name = f"empty_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    return {"DATABASE_URL": await create_database(name), "SECRET_KEY": SECRET}


def run(*arguments: str, cwd: Path, typed: str = "", **settings: str) -> SimpleNamespace:
    """A command from start to end: `status`, `out`, `err`."""
    return warm.run(arguments, cwd=cwd, typed=typed, environment=environment(**settings))
