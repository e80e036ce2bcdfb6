"""Files in an S3 bucket, shared by any number of machines.

Where the bucket is reached and by whom the library reads from its own variables (`AWS_…`).
"""

import asyncio
import os
import re
import secrets
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit

from anyio import BrokenResourceError, create_memory_object_stream
from obstore.exceptions import BaseError
from obstore.store import S3Store

from ticketing_server.core.media.files import Writer

# The smallest part that S3 takes; what stays below it is sent as a whole, in one request.
PART = 5 * 1024 * 1024
# A request for each: more than from a disk, so that a large file is not a thousand of them.
PIECE = 1024 * 1024

NO_BUCKET, PAST_THE_END = "NoSuchBucket", "InvalidRange"
CODE = re.compile(r"<Code>(\w+)</Code>")
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


class StoreAway(OSError):
    """The bucket cannot be reached, does not exist, or is not ours to use."""


class Bucket:
    """Objects below one prefix: `s3://bucket/prefix`."""

    piece = PIECE

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={
                "allow_http": _is_plain(os.environ),
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=60),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
        )

    @asynccontextmanager
    async def writer(self, path: str) -> AsyncGenerator[Writer]:
        upload = _Upload(self._store, path)
        try:
            yield upload
        finally:
            await upload.discard()

    async def read(self, path: str, start: int, length: int) -> bytes:
        try:
            with _faults():
                return bytes(await self._store.get_range_async(path, start=start, length=length))
        except _PastTheEnd:
            return b""

    async def size(self, path: str) -> int:
        # The answer to HEAD has no body: it could not tell a missing file from a missing bucket.
        try:
            with _faults():
                found = await self._store.get_async(path, options={"range": (0, 1)})
                return found.meta["size"]
        except _PastTheEnd:
            return 0

    async def remove(self, paths: Sequence[str]) -> None:
        with _faults():
            await self._store.delete_async(list(paths))

    async def check(self) -> None:
        """Stores a few bytes, reads them and removes them. Raises OSError."""
        path = f"check/{secrets.token_urlsafe(24)}"
        async with self.writer(path) as probe:
            await probe.write(b"check")
            await probe.keep()
        await self.read(path, 0, 5)
        await self.remove([path])


class _PastTheEnd(StoreAway):
    """There are no such bytes in the file."""


class _Upload:
    """A small file waits here and is sent whole; a large one is sent in parts as it comes.

    S3 shows an upload in parts only once it is completed. One that ends early is aborted: the
    library does so when what it reads from fails, and does not when it is cancelled.
    """

    def __init__(self, store: S3Store, path: str) -> None:
        self._store, self._path = store, path
        self._waiting = bytearray()
        self._sending: asyncio.Task[None] | None = None
        self._feed, self._fed = create_memory_object_stream[bytes]()
        self._is_whole = False

    async def write(self, data: bytes) -> None:
        self._waiting += data
        if self._sending or len(self._waiting) > PART:
            await self._hand_on()

    async def keep(self) -> None:
        self._is_whole = True
        if not self._sending:
            with _faults():
                await self._store.put_async(self._path, bytes(self._waiting), use_multipart=False)
            return
        self._feed.close()
        await asyncio.wait([self._sending])
        self._sending.result()

    async def discard(self) -> None:
        """Nothing is left to do where the file was kept."""
        self._feed.close()
        if self._sending:
            await asyncio.wait([self._sending])
            with suppress(_Discarded, OSError):
                self._sending.result()
        self._fed.close()

    async def _hand_on(self) -> None:
        piece, self._waiting = bytes(self._waiting), bytearray()
        self._sending = self._sending or asyncio.create_task(self._send())
        try:
            await self._feed.send(piece)
        except BrokenResourceError:
            await asyncio.wait([self._sending])
            self._sending.result()

    async def _send(self) -> None:
        with self._fed, _faults():
            await self._store.put_async(
                self._path, self._parts(), use_multipart=True, chunk_size=PART, max_concurrency=1
            )

    async def _parts(self) -> AsyncGenerator[bytes]:
        async for piece in self._fed:
            yield piece
        if not self._is_whole:
            raise _Discarded


class _Discarded(Exception):
    """Tells the library to abort."""


def _is_plain(environment: Mapping[str, str]) -> bool:
    """Whether the operator has named an endpoint without TLS."""
    named = next((environment[name] for name in ENDPOINTS if environment.get(name)), "")
    return named.startswith("http://")


@contextmanager
def _faults() -> Generator[None]:
    """A missing object is FileNotFoundError; whatever else goes wrong is the store's fault."""
    try:
        yield
    except FileNotFoundError as error:
        if NO_BUCKET in str(error):
            raise StoreAway(NO_BUCKET) from None
        raise
    except BaseError as error:
        reason = _reason(error)
        raise (_PastTheEnd if reason == PAST_THE_END else StoreAway)(reason) from None


def _reason(error: BaseError) -> str:
    """S3's own word where it has answered, else the first line of the library's account."""
    said = str(error).partition("\n")[0]
    code = CODE.search(str(error))
    return code[1] if code else said
