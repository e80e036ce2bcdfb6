"""HAProxy from the distribution, in front of two servers, as an operator would put it there."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port

# As in docs/operating.md. What was never sent may be sent to the other server, whatever it is.
CONFIGURATION = """
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    retries 3
    option redispatch 1
    retry-on conn-failure

frontend tickets
    bind 127.0.0.1:{port}
    default_backend servers

backend servers
    balance roundrobin
    option httpchk GET /readyz
    default-server check inter 1s fall 2 rise 1
    server first 127.0.0.1:{first}
    server second 127.0.0.1:{second}
"""


@contextmanager
def haproxy(directory: Path, first: int, second: int) -> Iterator[int]:
    """Its port, while it runs in front of those two."""
    port = free_port()
    configuration = directory / "haproxy.cfg"
    configuration.write_text(CONFIGURATION.format(port=port, first=first, second=second))
    with (directory / "haproxy.log").open("wb") as log:
        proxy = subprocess.Popen([program(), "-db", "-f", configuration], stdout=log, stderr=log)
    try:
        while not listens(port):
            assert proxy.poll() is None, (directory / "haproxy.log").read_text()
            time.sleep(0.01)
        yield port
    finally:
        proxy.kill()
        proxy.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def program() -> str:
    found = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        pytest.skip("HAProxy is not on this machine")
    return found
