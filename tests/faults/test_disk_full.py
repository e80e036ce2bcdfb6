"""No space for files: who uploads is told so, nothing is left behind, and it heals by itself."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.faults.desk import Desk, open_desk
from tests.pictures import drawn

MEBIBYTE = 1024 * 1024
SPACE = 3 * MEBIBYTE
NO_SPACE = {"detail": "There is no space left to store the file."}


class Full:
    """A server, and its media directory, of which `full()` makes one without space."""

    def __init__(self, server: Any, media: Path, dsn: str) -> None:
        self.server, self.media, self.dsn = server, media, dsn
        self.desk: Desk = open_desk(server)
        self.client = httpx.Client(
            base_url=server.client().base_url, headers=self.desk.headers, timeout=30
        )
        self.ticket = self.client.post("/tickets/", json=self.desk.ticket()).json()["id"]

    @contextmanager
    def full(self) -> Iterator[None]:
        """Only root may mount a disk of its own; files that may not grow do for anybody else."""
        if os.geteuid() == 0:
            filler = self.media / "filler"
            filler.write_bytes(b"x" * (SPACE - MEBIBYTE))
            yield
            filler.unlink()
        else:
            resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (MEBIBYTE, -1))
            yield
            resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (-1, -1))

    def attach(self, size: int) -> httpx.Response:
        form: Any = {
            "data": {"ticket": self.ticket},
            "files": {"file": ("a.bin", os.urandom(size))},
        }
        return self.client.post("/attachments/", **form)

    def files(self) -> set[str]:
        there = (path for path in self.media.rglob("*") if path.is_file())
        return {str(path.relative_to(self.media)) for path in there} - {"filler"}

    async def ask(self, statement: str) -> list[Any]:
        connection = await asyncpg.connect(self.dsn)
        try:
            return [row[0] for row in await connection.fetch(statement)]
        finally:
            await connection.close()


@pytest.fixture
def disk(start: Any, settings: dict[str, str], tmp_path: Path) -> Iterator[Full]:
    media = tmp_path / "data/media"
    media.mkdir(parents=True)
    is_mounted = os.geteuid() == 0
    if is_mounted:
        options = ["-o", f"size={SPACE},mode=0700"]
        subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", media], check=True)
    full = Full(start(**settings), media, settings["DATABASE_URL"])
    yield full
    full.client.close()
    full.server.stop()
    if is_mounted:
        subprocess.run(["umount", media], check=True)


async def test_an_upload_to_a_full_disk_is_507_and_leaves_nothing_and_the_next_one_fits(
    disk: Full, note: Any
) -> None:
    kept = disk.attach(1000)

    with disk.full():
        refused = [disk.attach(2 * MEBIBYTE) for _ in range(3)]
        small = disk.attach(1000)
        others = disk.client.get("/tickets/")
    healed = disk.attach(2 * MEBIBYTE)

    assert [(answer.status_code, answer.json()) for answer in refused] == [(507, NO_SPACE)] * 3
    statuses = [answer.status_code for answer in (kept, small, others, healed)]
    assert statuses == [201, 201, 200, 201]
    assert set(await disk.ask("SELECT path FROM attachment")) == disk.files()
    assert await disk.ask("SELECT path FROM unclaimed_file") == []
    note("disk full in the media directory", rounds=3, lost=0, errors=0, recovery="next request")


@pytest.mark.skipif(os.geteuid() != 0, reason="a logo is small: only a full disk has no space")
async def test_a_logo_on_a_full_disk_is_507_and_leaves_no_company(disk: Full) -> None:
    form: Any = {"data": {"name": "Acme"}, "files": {"logo": ("logo.png", drawn(), "image/png")}}

    with disk.full():
        (disk.media / "rest").write_bytes(b"x" * (SPACE // 4096 * 4096 - space_taken(disk.media)))
        refused = disk.client.post("/companies/", **form)
    (disk.media / "rest").unlink()
    healed = disk.client.post("/companies/", **form)

    assert (refused.status_code, refused.json()) == (507, NO_SPACE)
    assert healed.status_code == 201
    assert await disk.ask("SELECT name FROM company") == ["Acme"]
    assert len(disk.files()) == 2


def space_taken(media: Path) -> int:
    status = os.statvfs(media)
    return (status.f_blocks - status.f_bfree) * status.f_frsize
