"""What every store keeps to, be it a directory or a bucket (`core.files.Storage`)."""

import asyncio

import pytest

from ticketing_server.core.media.bucket import PART, Bucket, StoreAway
from ticketing_server.core.media.files import LocalDirectory
from ticketing_server.core.media.storage import open_storage

MEBIBYTE = 1024 * 1024
PATH = "attachments/2026/01/01/unguessable"


class Directory:
    def __init__(self, root):
        self.root, self.store = root, open_storage(None, root)

    def files(self):
        return [str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file()]

    unfinished = list


class Objects:
    def __init__(self, s3):
        self.s3, self.bucket = s3, s3.new_bucket()
        self.store = open_storage(f"s3://{self.bucket}/desk/media", None)

    def files(self):
        return [key.removeprefix("desk/media/") for key in self.s3.objects(self.bucket)]

    def unfinished(self):
        return self.s3.unfinished(self.bucket)


@pytest.fixture(params=["directory", "bucket"])
def place(request, tmp_path):
    """A store, and what really lies there."""
    if request.param == "directory":
        return Directory(tmp_path / "media")
    return Objects(request.getfixturevalue("s3"))


async def put(store, path, *pieces):
    async with store.writer(path) as writer:
        for piece in pieces:
            await writer.write(piece)
        await writer.keep()


@pytest.mark.parametrize(
    "sizes",
    [(), (1,), (3, 0, 4), (PART,), (PART, 1), (MEBIBYTE,) * 12, (12 * MEBIBYTE,)],
    ids=lambda sizes: f"{len(sizes)} pieces, {sum(sizes)} bytes",
)
async def test_what_is_kept_is_read_back(place, sizes):
    pieces = [bytes([n]) * size for n, size in enumerate(sizes, 1)]
    whole = b"".join(pieces)

    await put(place.store, PATH, *pieces)

    assert place.files() == [PATH]
    assert await place.store.read(PATH, 0, len(whole) + 1) == whole
    assert await place.store.size(PATH) == len(whole)


async def test_a_part_of_a_file_is_read_from_wherever_it_begins(place):
    await put(place.store, PATH, b"0123456789")

    assert await place.store.read(PATH, 0, 3) == b"012"
    assert await place.store.read(PATH, 4, 2) == b"45"
    assert await place.store.read(PATH, 8, 100) == b"89"
    assert await place.store.read(PATH, 10, 1) == b""


@pytest.mark.parametrize("pieces", [0, 1, 12], ids=lambda n: f"after {n} MiB")
async def test_what_is_not_kept_leaves_nothing(place, pieces):
    async with place.store.writer(PATH) as writer:
        for _ in range(pieces):
            await writer.write(b"x" * MEBIBYTE)

    assert place.files() == place.unfinished() == []
    with pytest.raises(FileNotFoundError):
        await place.store.read(PATH, 0, 1)
    with pytest.raises(FileNotFoundError):
        await place.store.size(PATH)


async def test_a_file_is_not_seen_before_it_is_whole(place):
    async with place.store.writer(PATH) as writer:
        await writer.write(b"x" * 12 * MEBIBYTE)
        with pytest.raises(FileNotFoundError):
            await place.store.read(PATH, 0, 1)
        await writer.keep()

    assert len(await place.store.read(PATH, 0, 12 * MEBIBYTE)) == 12 * MEBIBYTE


async def test_a_fault_on_the_way_leaves_nothing_and_is_told(place):
    async def upload():
        async with place.store.writer(PATH) as writer:
            await writer.write(b"x" * 12 * MEBIBYTE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await upload()

    assert place.files() == place.unfinished() == []


async def test_an_upload_that_is_cancelled_leaves_nothing(place):
    begun = asyncio.Event()

    async def upload():
        async with place.store.writer(PATH) as writer:
            for _ in range(12):
                await writer.write(b"x" * MEBIBYTE)
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(upload())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert place.files() == place.unfinished() == []


async def test_what_is_removed_is_gone_and_what_was_never_there_is_no_fault(place):
    await put(place.store, PATH, b"x")
    await put(place.store, PATH + "-kept", b"x")

    await place.store.remove([PATH, "attachments/2026/01/01/nowhere"])

    assert place.files() == [PATH + "-kept"]


async def test_files_at_the_same_time_do_not_meet(place):
    contents = {f"{PATH}-{n}": bytes([n]) * (6 * MEBIBYTE) for n in range(4)}

    await asyncio.gather(*(put(place.store, path, data) for path, data in contents.items()))

    for path, data in contents.items():
        assert await place.store.read(path, 0, len(data)) == data
    assert place.unfinished() == []


def test_without_an_address_files_lie_in_the_directory(tmp_path):
    assert isinstance(open_storage(None, tmp_path), LocalDirectory)


# Only a bucket


@pytest.fixture
def nowhere(s3, monkeypatch):
    """No server is there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    return Bucket("s3://desk-nowhere")


async def everything_fails(store, reason):
    with pytest.raises(StoreAway, match=reason):
        await store.read(PATH, 0, 1)
    with pytest.raises(StoreAway, match=reason):
        await store.size(PATH)
    with pytest.raises(StoreAway, match=reason):
        await put(store, PATH, b"x")
    with pytest.raises(StoreAway, match=reason):
        await put(store, PATH, *[b"x" * MEBIBYTE] * 12)
    with pytest.raises(StoreAway, match=reason):
        await store.remove([PATH])
    with pytest.raises(StoreAway, match=reason):
        await store.check()


async def test_a_store_that_is_away_is_a_fault_of_one_line(nowhere):
    await everything_fails(nowhere, r"^Generic S3 error: .*error sending request$")


async def test_a_bucket_that_is_not_there_is_no_missing_file(s3):
    await everything_fails(Bucket("s3://desk-never-made"), "^NoSuchBucket$")


async def test_the_check_leaves_nothing_behind(s3):
    place = Objects(s3)

    await place.store.check()

    assert place.files() == []


async def test_two_prefixes_of_a_bucket_do_not_meet(s3):
    bucket = s3.new_bucket()
    one, other = Bucket(f"s3://{bucket}/one"), Bucket(f"s3://{bucket}")

    await put(one, PATH, b"one")
    await put(other, PATH, b"other")

    assert sorted(s3.objects(bucket)) == [PATH, f"one/{PATH}"]
    assert (await one.read(PATH, 0, 9), await other.read(PATH, 0, 9)) == (b"one", b"other")
