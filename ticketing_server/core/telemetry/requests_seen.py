"""Counts requests by method, route and status, for a few microseconds each."""

from collections.abc import Callable

from ticketing_server.core.telemetry.metrics import REQUEST_SECONDS

# A caller may make up any method, path or name; none of them becomes a label.
METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
OTHER_METHOD, NO_ROUTE, NO_STATUS = "other", "unmatched", "none"

Observe = Callable[[float], None]


class Seen:
    """The requests of this process. Its event loop alone counts here."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._observers: dict[tuple[str, str | None, int], Observe] = {}

    def answered(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """`route` is the template that matched, None where none did; `status` 0 for no answer."""
        known = method if method in METHODS else OTHER_METHOD
        # To find the labels anew each time costs as much as counting does.
        observe = self._observers.get((known, route, status))
        (observe or self._observer(known, route, status))(seconds)

    def _observer(self, method: str, route: str | None, status: int) -> Observe:
        labelled = REQUEST_SECONDS.labels(method, route or NO_ROUTE, status or NO_STATUS)
        return self._observers.setdefault((method, route, status), labelled.observe)


SEEN = Seen()
