"""A self-hosted ticketing server: an API first, a web server second, a host for plugins."""

import os

__version__ = "0.1.0"

# Piccolo reads its registry from this module, from a checkout and from an installed wheel alike.
os.environ.setdefault("PICCOLO_CONF", "ticketing_server.database")
