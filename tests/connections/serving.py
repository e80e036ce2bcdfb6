"""Our server, of an app that is made for one test, in the test's own event loop."""

import socket
from typing import Any

import uvicorn

from ticketing_server.connections import Connection, Server


async def started(listener: socket.socket, app: Any, workers: int = 1) -> Server:
    """One of so many."""
    config = uvicorn.Config(app, http=Connection, lifespan="off", log_config=None, workers=workers)
    server = Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    return server
