"""Where a request finds what its process remembers of counts."""

from ticketing_server.access.guards import AnyRequest
from ticketing_server.tickets.counts import Counts

COUNTS = "ticket_counts"


def counts_of(request: AnyRequest) -> Counts:
    """Those of the application that serves the request."""
    return request.app.state[COUNTS]
