"""The API described: `/api/openapi.json`, and a page that shows it without any network."""

from ticketing_server.openapi.document import CONFIG, complete
from ticketing_server.openapi.doors import documentation

__all__ = ["CONFIG", "complete", "documentation"]
