"""The floor: a bare ASGI handler that runs the recorded statements and sends the recorded bytes.

`uvicorn tests.bench.floor:app`: FLOOR is the recording's path, DATABASE_URL the database.
"""

import os
import pickle
from pathlib import Path
from typing import Any

import asyncpg

from ticketing_server.core.db.engine import SESSION


class Floor:
    def __init__(self) -> None:
        recorded = pickle.loads(Path(os.environ["FLOOR"]).read_bytes())
        self._statements: list[tuple[str, list[Any]]] = recorded["statements"]
        self._body: bytes = recorded["body"]
        self._headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self._body)).encode()),
        ]
        self._pool: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        for text, values in self._statements:
            await self._pool.fetch(text, *values)
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._pool = await asyncpg.create_pool(
            os.environ["DATABASE_URL"], max_size=10, reset=_leave, server_settings=SESSION
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _leave(_: Any) -> None:
    """As the server leaves its own."""


app = Floor()
