"""HAProxy from the distribution, in front of two servers, as an operator would put it there."""

import shutil
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
        time.sleep(0.5)
        assert proxy.poll() is None, (directory / "haproxy.log").read_text()
        yield port
    finally:
        proxy.kill()
        proxy.wait()


def program() -> str:
    found = shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")
    if found is None and shutil.which("apt-get"):
        for command in (["update", "-qq"], ["install", "-y", "-qq", "haproxy"]):
            subprocess.run(["apt-get", *command], check=False, capture_output=True)
        found = shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")
    if found is None:
        pytest.skip("this test needs HAProxy: apt-get install haproxy")
    return found
