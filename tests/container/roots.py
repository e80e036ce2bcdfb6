"""Directories that a process takes for the whole file system, without a container engine.

What stands for the base image is this machine: an overlay shows all of it and keeps apart whatever
the process changes. So the paths and commands of a Containerfile are executed as they are written;
only the Python is this machine's, not the base image's.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import join

TOOLS = ("unshare", "nsenter", "setpriv", "chroot", "mount", "ip")
# How pip finds its index here, and the way out of this machine: no part of an image.
INDEX = ("PIP_", "http_", "https_", "HTTP", "HTTPS", "no_proxy", "NO_PROXY", "SSL_")

# The base image's `python` and `pip` are those that run the tests.
BASE_ENVIRONMENT = {"PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin"}


# Seconds; nearly all of it is the index and the network.
LONGEST_STEP = 300


def missing() -> str | None:
    """Why no such directory can be made here, if so."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "the Containerfile's steps are executed by root on Linux only"
    if absent := [tool for tool in TOOLS if not shutil.which(tool)]:
        return f"the Containerfile's steps need {', '.join(absent)}"
    with tempfile.TemporaryDirectory() as directory:
        root = Root(Path(directory))
        tried = subprocess.run(
            root.read_only(["true"], "root", "/", {}), capture_output=True, text=True, check=False
        )
    return f"no overlay can be mounted here: {tried.stderr.strip()}" if tried.returncode else None


@dataclass(frozen=True)
class Root:
    """`changes` is what was added to or changed in the file system of this machine."""

    directory: Path
    changes: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", self.directory / "changes")
        for name in ("changes", "work", "merged"):
            (self.directory / name).mkdir(parents=True)

    def run(
        self, line: str, workdir: str, environment: Mapping[str, str], binds: Mapping[Path, str]
    ) -> None:
        """One line of shell that may change everything, as RUN does it."""
        mounted = f"mount -t overlay overlay -o {self._layers(writable=True)} {self._merged}"
        machine = {name: os.environ[name] for name in os.environ if name.startswith(INDEX)}
        made = [f"mkdir -p {self._merged}{place}" for place in (workdir, *binds.values())]
        inside = ["chroot", str(self._merged), "/bin/sh", "-c", f"cd {workdir} && {line}"]
        self._execute(
            ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-euc"],
            [mounted, *made, *self._devices(), *self._bound(binds), f"exec {join(inside)}"],
            {"HOME": "/root", **machine, **environment},
        )

    def copy(self, source: Path, target: str, *, without: Sequence[str] = ()) -> None:
        """A file or a directory, as COPY would: owned by root."""
        place = self.changes / target.lstrip("/")
        if source.is_dir():
            ignored = shutil.ignore_patterns(*without)
            shutil.copytree(source, place, symlinks=True, ignore=ignored)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place)

    def read_only(
        self, command: Sequence[str], user: str, workdir: str, binds: Mapping[Path, str]
    ) -> list[str]:
        """What starts the command as an engine would: as process 1, with its own loopback for a
        network, without any right of root's, and with no place to write but what is bound.
        """
        mounted = f"mount -t overlay overlay -o {self._layers(writable=False)} {self._merged}"
        own = [f"mount -t proc proc {self._merged}/proc", "ip link set lo up"]
        inside = as_user(user, ["/bin/sh", "-c", f"cd {workdir} && exec {join(command)}"])
        started = f"exec {join(['chroot', str(self._merged), *inside])}"
        lines = [mounted, *self._devices(), *own, *self._bound(binds), started]
        isolated = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
        return ["unshare", *isolated, "--net", "/bin/sh", "-euc", "\n".join(lines)]

    @property
    def _merged(self) -> Path:
        return self.directory / "merged"

    def _layers(self, *, writable: bool) -> str:
        how = "rw" if writable else "ro"
        return f"{how},lowerdir=/,upperdir={self.changes},workdir={self.directory / 'work'}"

    def _devices(self) -> list[str]:
        return [f"mount --rbind /{name} {self._merged}/{name}" for name in ("dev", "proc", "sys")]

    def _bound(self, binds: Mapping[Path, str]) -> list[str]:
        return [f"mount --bind {ours} {self._merged}{theirs}" for ours, theirs in binds.items()]

    def _execute(self, starter: list[str], lines: list[str], environment: dict[str, str]) -> None:
        done = subprocess.run(
            [*starter, "\n".join(lines)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_STEP,
            check=False,
        )
        assert done.returncode == 0, f"{lines[-1]}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def as_user(user: str, command: Sequence[str]) -> list[str]:
    """By name, without any privilege, and without a way to get one."""
    groups = ["--reuid", user, "--regid", user, "--clear-groups"]
    return [
        "setpriv",
        *groups,
        "--no-new-privs",
        "--inh-caps=-all",
        "--bounding-set=-all",
        *command,
    ]
