"""The Containerfile, executed step by step, and what it makes, run as an engine would run it.

No engine takes part: `roots.py` says what stands for one. The base image is this machine.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.container.image import Container, build, running
from tests.container.roots import missing

LACK = missing()
pytestmark = pytest.mark.skipif(LACK is not None, reason=str(LACK))
TWICE = "CONTAINER_TWICE"

# The third word of a compiled file says what it is checked by: zero would be the source's date.
CHECKED_BY_DATE = bytes(4)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own, which would keep the gigabyte of the last three runs."""
    with tempfile.TemporaryDirectory(prefix="ticketing-image-") as folder:
        yield Path(folder)


def test_what_the_steps_make_serves_from_a_read_only_root_without_any_privilege(folder):
    image = build(folder / "image")
    compiled = list((image.root.changes / "opt").rglob("*.pyc"))

    with running(image, folder / "data") as container:
        assert container.ready.endswith("is ready at http://0.0.0.0:8000/\n")
        assert container.healthcheck().returncode == 0
        assert container.visited() == {
            "ticket": "HELP-1",
            "logo": 200,
            "attachment": "its log",
        }
        assert container.execute("ticketing-server", "backup", "/data/whole.zip").returncode == 0
        assert privileges(container) == {"Uid": "10001", "CapBnd": "0" * 16, "NoNewPrivs": "1"}
        for place in ("/opt/ticketing-server/x", "/etc/x", "/tmp/x"):
            refused = container.execute("touch", place)
            assert "Read-only file system" in refused.stderr
        assert container.stop() == 0

    assert compiled
    assert not [file for file in compiled if file.read_bytes()[4:8] == CHECKED_BY_DATE]


@pytest.mark.skipif(TWICE not in os.environ, reason=f"{TWICE}=1 builds it twice and compares")
def test_two_builds_hold_the_same_bytes(folder):
    first, second = (contents(build(folder / name).root.changes) for name in ("one", "two"))

    assert first == second


def privileges(container: Container) -> dict[str, str]:
    """What the kernel says of process 1, and it is not the command that asks."""
    status = container.execute("cat", "/proc/1/status").stdout
    told = dict(line.split(":", 1) for line in status.splitlines())
    return {name: told[name].split()[-1] for name in ("Uid", "CapBnd", "NoNewPrivs")}


def contents(root: Path) -> dict[str, tuple[int, int, int, str]]:
    """Of each path: mode with type, owner, group, and a digest. Dates are the engine's affair."""
    found: dict[str, tuple[int, int, int, str]] = {}
    for path in root.rglob("*"):
        told = path.lstat()
        held = str(path.readlink()) if path.is_symlink() else ""
        if stat.S_ISREG(told.st_mode):
            held = sha256(path.read_bytes()).hexdigest()
        found[str(path.relative_to(root))] = (told.st_mode, told.st_uid, told.st_gid, held)
    return found
