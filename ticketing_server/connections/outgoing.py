"""An answer's way out, on which its head waits for its body."""

import asyncio


class Outgoing:
    """In the place of the transport, for one answer that has a body.

    uvicorn writes head and body each by itself. The kernel would send both at once, and wake the
    client twice. By ASGI nothing is sent before the first piece of the body is there.
    """

    __slots__ = ("_head", "_is_first", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self._is_first = True

    def write(self, data: bytes) -> None:
        """The head first, then the body in as many pieces as it comes in, of no byte perhaps."""
        if self._is_first:
            self._head, self._is_first = data, False
        elif self._head:
            self._send_head(data)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Also where an answer breaks off before its body."""
        if self._head:
            self._send_head(b"")
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def _send_head(self, body: bytes) -> None:
        self._transport.writelines((self._head, body))
        self._head = b""
