"""Where the `piccolo` command looks in a checkout."""

from ticketing_server.piccolo_conf import APP_REGISTRY, DB

__all__ = ["APP_REGISTRY", "DB"]
