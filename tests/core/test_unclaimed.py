"""While somebody needs every file in its place, none is removed; that is done afterwards."""

import asyncio
import os

import asyncpg
import pytest

from tests.conftest import database_url
from ticketing_server.core.db import Sql, execute, scalars
from ticketing_server.core.media.files import LocalDirectory
from ticketing_server.core.media.unclaimed import KEEP_FILES, remove_due

UNCLAIMED = Sql("SELECT path FROM unclaimed_file")


@pytest.fixture
async def keeper(world):
    """A connection that may ask for the files to stay."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    connection = await asyncpg.connect(database_url(f"test_{worker}"))
    yield connection
    await connection.close()


async def test_a_deleted_file_stays_as_long_as_somebody_keeps_the_files(
    world, as_user, keeper, data_dir
):
    form = {"data": {"ticket": str(world.printer)}, "files": {"file": ("a.txt", b"hello")}}
    one = (await as_user("uma").post("/tickets/attachments/", **form)).json()["id"]
    files = [path for path in (data_dir / "media").rglob("*") if path.is_file()]
    await keeper.execute(KEEP_FILES)

    gone = await as_user("uma").delete(f"/tickets/attachments/{one}/")
    await remove_due(LocalDirectory(data_dir / "media"))
    assert gone.status_code == 204
    assert [path.read_bytes() for path in files] == [b"hello"]
    assert len(await scalars(UNCLAIMED, str)) == 1

    await keeper.close()
    await remove_due(LocalDirectory(data_dir / "media"))
    assert [path for path in files if path.exists()] == []
    assert await scalars(UNCLAIMED, str) == []


async def test_who_wants_the_files_kept_waits_for_what_is_just_being_removed(world, keeper):
    """Otherwise it would look at rows whose files go in the next moment."""
    await execute(Sql("INSERT INTO unclaimed_file (path, due_at) VALUES ('a', now())"))
    order = []

    class SlowStore:
        async def remove(self, paths):
            waiting = asyncio.create_task(keep())
            await asyncio.sleep(0.2)
            order.append(("removed", waiting.done()))
            tasks.append(waiting)

    async def keep():
        await keeper.execute(KEEP_FILES)
        order.append("kept")

    tasks = []
    await remove_due(SlowStore())
    await tasks[0]

    assert order == [("removed", False), "kept"]
