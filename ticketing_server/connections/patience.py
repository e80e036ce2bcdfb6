"""What a client is waited for, since when, and whether enough has come meanwhile."""

from enum import Enum, auto
from typing import TYPE_CHECKING

from ticketing_server.connections import limits

if TYPE_CHECKING:
    from ticketing_server.connections.protocol import Connection


class Waiting(Enum):
    """It is the client's turn: to ask, to send on, to take what we have sent."""

    HEAD = auto()
    BODY = auto()
    READING = auto()


SECONDS = {
    Waiting.HEAD: limits.HEAD_SECONDS,
    Waiting.BODY: limits.BODY_SECONDS,
    Waiting.READING: limits.READING_SECONDS,
}


class Patience:
    """With one connection, which is looked at now and then."""

    __slots__ = ("_cycle", "_received", "_since", "_unsent", "_waiting")

    def __init__(self, now: float) -> None:
        self._waiting: Waiting | None = Waiting.HEAD
        self._since = now
        self._received = self._unsent = 0
        self._cycle: object = None

    def exhausted_by(self, connection: "Connection", now: float) -> Waiting | None:
        """What the client was waited for too long, or None."""
        unsent = connection.transport.get_write_buffer_size()
        waiting = _waiting_for(connection, unsent)
        is_another_request = connection.cycle is not self._cycle
        if waiting is not self._waiting or is_another_request or self._goes_on(connection, unsent):
            self._waiting, self._since = waiting, now
            self._cycle, self._received = connection.cycle, connection.received
        self._unsent = unsent
        if waiting is None or now - self._since < SECONDS[waiting]:
            return None
        return waiting

    def _goes_on(self, connection: "Connection", unsent: int) -> bool:
        if self._waiting is Waiting.BODY:
            return connection.received - self._received >= limits.BODY_BYTES
        return self._waiting is Waiting.READING and unsent < self._unsent


def _waiting_for(connection: "Connection", unsent: int) -> Waiting | None:
    if unsent:
        return Waiting.READING
    if connection.is_in_body:
        return Waiting.BODY
    return None if connection.is_answering else Waiting.HEAD
