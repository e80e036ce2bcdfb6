"""For the `piccolo` command: our tables and those of the installed plugins.

The server itself reads `ticketing_server.database`.
"""

import os

from ticketing_server.app import plugins_of
from ticketing_server.core.db import DB
from ticketing_server.database import APP_REGISTRY, know_plugins
from ticketing_server.settings import Settings

DB.configure(os.environ.get("DATABASE_URL", ""))
know_plugins(plugins_of(Settings(secret_key="nobody is served")).piccolo_apps())

__all__ = ["APP_REGISTRY", "DB"]
