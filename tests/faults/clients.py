"""Clients that cost next to nothing, so that a thousand of them leave the machine to the server.

They speak as much HTTP as our JSON answers need: a status, headers, a body of told length.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


class Refused(Exception):
    """Nobody listens there: nothing was asked."""


class Dropped(Exception):
    """The connection ended after a request was sent and before it was answered."""


@dataclass
class Answer:
    path: str
    status: int
    headers: dict[str, str]
    body: bytes
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection, kept alive as long as the server does, and made anew after that."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._port = port
        self._headers = {"Host": "localhost", **(headers or {})}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def post(self, path: str, body: Any) -> Answer:
        return await self.ask("POST", path, json.dumps(body).encode())

    async def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Raises Refused, Dropped."""
        began = time.monotonic()
        reader, writer = await self._connected()
        try:
            writer.write(self._request(method, path, body))
            await writer.drain()
            status, headers = await read_head(reader)
            content = await reader.readexactly(int(headers.get("content-length", 0)))
        except (OSError, EOFError) as error:
            self.close()
            raise Dropped(f"{method} {path}: {error!r}") from error
        if headers.get("connection") == "close":
            self.close()
        return Answer(path, status, headers, content, began, time.monotonic())

    def close(self) -> None:
        if self._streams:
            self._streams[1].transport.abort()
            self._streams = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that the server has closed is not used again."""
        if self._streams and self._streams[0].at_eof():
            self.close()
        if not self._streams:
            try:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError as error:
                raise Refused from error
        return self._streams

    def _request(self, method: str, path: str, body: bytes) -> bytes:
        headers = dict(self._headers)
        if body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [
            f"{method} {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers, whose names are in small letters."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}
