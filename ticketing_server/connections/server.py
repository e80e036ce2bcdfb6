"""uvicorn's server, which takes in who has connected already before it stops listening."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

import uvicorn
from typing_extensions import override


class Server(uvicorn.Server):
    """The kernel accepts connections for us; those left to it at the end would all be reset."""

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in sockets or []:
            await self._take_in(listener)
        # Without a pause in between, in which others could connect, this closes the listeners.
        await super().shutdown(sockets)

    async def _take_in(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        listener.settimeout(0)
        with suppress(BlockingIOError):
            while True:
                connection, _ = listener.accept()
                await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        return make(
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=asyncio.get_running_loop(),
        )
