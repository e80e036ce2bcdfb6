"""A PostgreSQL of our own inside the data directory: nothing to install, nothing to configure."""

import sys

from ticketing_server.core.postgres.errors import PostgresError
from ticketing_server.core.postgres.keeper import kept_up

if sys.platform == "win32":
    from ticketing_server.core.postgres.unsupported import EmbeddedPostgres
else:
    from ticketing_server.core.postgres.supervisor import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "PostgresError", "kept_up"]
