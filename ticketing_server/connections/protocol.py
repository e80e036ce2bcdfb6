"""uvicorn's protocol, which waits for a client only as long as something comes of it.

uvicorn bounds the time between an answer and the next request, and nothing else: a client that
never finishes its headers, or its body, or never reads its answer, would be waited for forever.
"""

import asyncio
import functools
import re
from typing import Any, cast

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ticketing_server.connections import limits
from ticketing_server.connections.outgoing import Outgoing
from ticketing_server.connections.patience import Patience, Waiting
from ticketing_server.connections.turns import BEGUN_AT_ONCE, READ_AT_ONCE, Turns
from ticketing_server.core.db.replica import is_crowded
from ticketing_server.core.edge import PROBES, WAITED

ANSWER = (
    b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%b"
)
TOO_SLOW = (b"408 Request Timeout", b'{"detail":"The request took too long to arrive."}')
HEAD_TOO_LARGE = (
    b"431 Request Header Fields Too Large",
    b'{"detail":"The request headers are too large."}',
)


class Connection(HttpToolsProtocol):
    """One client's connection. `received` is how many bytes have come since it was made."""

    received = 0
    _is_unread = False
    _read_after = 0.0
    _head: Any = None
    _head_bytes = 0
    _is_parting = False

    @override
    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride]: uvicorn's is narrower
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self._patience = Patience(self.loop.time())
        self._look = self.loop.call_later(limits.LOOK_SECONDS, self._look_after)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._look.cancel()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """What begins a request is read in turn; until then, what follows stays in the kernel."""
        self.received += len(data)
        if self.is_in_body or is_probe(data):
            self._read(data)
        elif not _reading(self.loop).take(functools.partial(self._read_in_turn, data)):
            self._is_unread = True
            self._unset_keepalive_if_required()
            self.transport.pause_reading()

    def _read_in_turn(self, data: bytes, waited: float) -> None:
        if self.transport.is_closing():
            return
        if self._is_unread:
            self._is_unread = False
            self.transport.resume_reading()
        self._read(data, waited)

    def _read(self, data: bytes, waited: float = 0.0) -> None:
        self._read_after = waited
        super().data_received(data)
        if self.is_in_head:
            self._count_head(len(data))
        if self._is_parting and self.cycle:
            self.cycle.keep_alive = False

    def _count_head(self, size: int) -> None:
        """From its second piece on: the first may be the end of another request for the most."""
        if self.scope is not self._head:
            self._head, self._head_bytes = self.scope, 0
            return
        self._head_bytes += size
        if self._head_bytes > limits.HEAD_BYTES:
            self._refuse(*HEAD_TOO_LARGE)

    @override
    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Probes go past the queue: who watches over us would take us for dead."""
        start = super()._start_asgi_task
        scope: dict[str, Any] = cast(Any, cycle.scope)
        read_after = self._read_after

        if scope["method"] != "HEAD" and not cycle.waiting_for_100_continue:
            cycle.transport = cast(asyncio.Transport, Outgoing(self.transport))

        def begin(waited: float) -> None:
            scope[WAITED] = read_after + waited
            if not cycle.disconnected:
                start(cycle, app)

        if scope["path"] in PROBES:
            start(cycle, app)
        else:
            _beginning(self.loop).take(begin)

    @override
    def shutdown(self) -> None:
        """The server stops; who is idle may be sending a request at this very moment."""
        self._is_parting = True
        if self.is_answering:
            super().shutdown()
        else:
            self.loop.call_later(limits.PARTING_SECONDS, self._part)

    def _part(self) -> None:
        if not (self.is_answering or self.is_in_head or self._is_unread):
            self.transport.close()

    @property
    def is_in_head(self) -> bool:
        """A request has begun, and its headers are not all here."""
        return bool(self.scope) and "method" not in self.scope

    @property
    def is_in_body(self) -> bool:
        """We would read on, and the body has not ended, even if it is answered already."""
        return (
            bool(self.cycle)
            and self.cycle.more_body
            and not self.cycle.waiting_for_100_continue
            and not self.flow.read_paused
        )

    @property
    def is_answering(self) -> bool:
        return bool(self.cycle) and not self.cycle.response_complete

    def _look_after(self) -> None:
        self._look = self.loop.call_later(limits.LOOK_SECONDS, self._look_after)
        match self._patience.exhausted_by(self, self.loop.time()):
            case None:
                pass
            case Waiting.READING:
                self.transport.abort()
            case _:
                self._refuse(*TOO_SLOW)

    def _refuse(self, status: bytes, body: bytes) -> None:
        """Says why, where a request has begun and no answer has, and closes."""
        is_asked = not self.cycle.response_started if self.is_answering else self.is_in_head
        if is_asked:
            self.transport.write(ANSWER % (status, len(body), body))
        self.transport.close()


def is_probe(data: bytes) -> bool:
    """A request begins with these bytes, and it is one of `PROBES`."""
    return PROBE.match(data) is not None


PROBE = re.compile(rb"(?:GET|HEAD) (?:%b)[ ?]" % "|".join(PROBES).encode())


# A process serves from one event loop.
@functools.lru_cache(maxsize=1)
def _reading(loop: asyncio.AbstractEventLoop) -> Turns:
    return Turns(loop, READ_AT_ONCE)


@functools.lru_cache(maxsize=1)
def _beginning(loop: asyncio.AbstractEventLoop) -> Turns:
    return Turns(loop, BEGUN_AT_ONCE, is_crowded)
