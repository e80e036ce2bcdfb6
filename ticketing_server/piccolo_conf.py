"""For the `piccolo` command: our tables and those of the installed plugins.

The server itself reads `ticketing_server.database`.
"""

import os

from ticketing_server.core.db import DB
from ticketing_server.dashboard.loading import load_plugins
from ticketing_server.database import APP_REGISTRY, know_plugins

DB.configure(os.environ.get("DATABASE_URL", ""))
know_plugins(load_plugins().piccolo_apps())

__all__ = ["APP_REGISTRY", "DB"]
