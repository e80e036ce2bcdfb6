"""Commands that begin at once: each is a fork of one process that has imported the server.

Importing takes a command longer than what it is asked to do. Servers, and commands that are
interrupted or run beside others, are started from nothing, as an operator's are.
"""

import atexit
import functools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from ticketing_server.cli import main

LONGEST_SECONDS = 60
READ, WRITE = os.O_RDONLY, os.O_WRONLY | os.O_CREAT


def run(
    arguments: Sequence[str], *, cwd: Path, typed: str, environment: Mapping[str, str]
) -> SimpleNamespace:
    """A command from start to end: `status`, `out`, `err`."""
    with TemporaryDirectory(prefix="ticketing-command-") as folder:
        typing, out, err = (Path(folder, name) for name in ("typing", "out", "err"))
        typing.write_text(typed)
        order = {
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": environment,
            "files": [str(typing), str(out), str(err)],
        }
        status = _ask(json.dumps(order))
        return SimpleNamespace(status=status, out=out.read_text(), err=err.read_text())


def _ask(order: str) -> int:
    warm = _started()
    assert warm.stdin
    assert warm.stdout
    warm.stdin.write(order + "\n")
    warm.stdin.flush()
    return int(warm.stdout.readline())


@functools.cache
def _started() -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-W", "error::DeprecationWarning", "-m", "tests.operations.warm"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    atexit.register(process.communicate)
    return process


def serve() -> None:
    """One order after another; a fork goes on as the command, and ends with its status."""
    while order := sys.stdin.readline():
        if pid := os.fork():
            _, status = os.waitpid(pid, 0)
            sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
            sys.stdout.flush()
        else:
            return _become(**json.loads(order))


def _become(arguments: list[str], cwd: str, environment: dict[str, str], files: list[str]) -> None:
    os.chdir(cwd)
    named = os.environ["PICCOLO_CONF"]  # by the package, as soon as it is imported
    os.environ.clear()
    os.environ.update(environment, PICCOLO_CONF=named)
    given = environment["PYTHONPATH"].split(os.pathsep)
    sys.path[:0] = [path for path in given if path not in sys.path]
    for descriptor, (file, how) in enumerate(zip(files, (READ, WRITE, WRITE), strict=True)):
        os.dup2(os.open(file, how), descriptor)
    signal.alarm(LONGEST_SECONDS)
    main(arguments)


if __name__ == "__main__":
    serve()
