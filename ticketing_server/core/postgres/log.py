"""What PostgreSQL says: one file, and the one before it."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ticketing_server.core.postgres import private

LIMIT = 10 * 1024 * 1024
LAST_LINES = 12


@dataclass(frozen=True)
class Log:
    path: Path

    def rotate(self) -> None:
        if self.size() > LIMIT:
            self.path.replace(self.path.with_name(f"{self.path.name}.1"))

    @contextmanager
    def opened(self) -> Generator[int]:
        descriptor = private.open_file(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def tail(self, since: int) -> str:
        """The last lines written since the log had that size."""
        with self.path.open("rb") as file:
            file.seek(since)
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])
