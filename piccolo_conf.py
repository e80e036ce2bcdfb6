"""For the `piccolo` command in a checkout; the server itself reads `ticketing_server.database`."""

import os

from ticketing_server.core.db import DB
from ticketing_server.database import APP_REGISTRY

DB.configure(os.environ.get("DATABASE_URL", ""))

__all__ = ["APP_REGISTRY", "DB"]
