"""A server of its own with the plugin installed, and somebody who has just opened a project."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

OWNER = {
    "username": "olga",
    "email": "olga@example.com",
    "password": "a long enough password",
    "password_confirm": "a long enough password",
    "project_key": "DESK",
    "project_name": "Desk",
}


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    data: Path = tmp_path_factory.mktemp("data")
    command = [sys.executable, "-m", "ticketing_server", "serve", "--port", port]
    with subprocess.Popen(
        [*command, "--data-dir", str(data)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        assert "is ready" in server.stdout.readline()
        yield f"http://127.0.0.1:{port}/api/tickets"
        server.terminate()


@pytest.fixture(scope="session")
def owner(address: str) -> Iterator[httpx.Client]:
    """The superadmin of project 1, signed in."""
    with httpx.Client(base_url=address) as client:
        registered = client.post("/auth/register/", json=OWNER).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {registered['tokens']['access']}"
        yield client
