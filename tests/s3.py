"""An S3 server: moto's, a process of its own that obstore speaks to over HTTP."""

import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port

SERVER = Path(sys.executable).with_name("moto_server")
KEY = re.compile(r"<Key>([^<]+)</Key>")


class S3:
    """The server, and what it tells somebody who asks it directly."""

    def __init__(self) -> None:
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [SERVER, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._client = httpx.Client(base_url=self.endpoint)
        self._wait()

    @property
    def settings(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "desk",
            "AWS_SECRET_ACCESS_KEY": "a secret of the desk",
        }

    def new_bucket(self) -> str:
        name = f"desk-{secrets.token_hex(8)}"
        self._client.put(f"/{name}").raise_for_status()
        return name

    def objects(self, bucket: str) -> list[str]:
        return KEY.findall(self._client.get(f"/{bucket}").raise_for_status().text)

    def unfinished(self, bucket: str) -> list[str]:
        """Uploads in parts that were neither completed nor aborted."""
        return KEY.findall(self._client.get(f"/{bucket}?uploads").raise_for_status().text)

    def remove_bucket(self, name: str) -> None:
        self._client.delete(f"/{name}").raise_for_status()

    def stop(self) -> None:
        self._client.close()
        self._process.terminate()
        self._process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                self._client.get("/moto-api/").raise_for_status()
                return
            except httpx.HTTPError:
                assert time.monotonic() < deadline
                time.sleep(0.05)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    server = S3()
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """The library finds the server by its own variables."""
    for name, value in s3_server.settings.items():
        monkeypatch.setenv(name, value)
    return s3_server
