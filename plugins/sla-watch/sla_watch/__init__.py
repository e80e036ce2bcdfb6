"""Service levels: targets per priority and project, what breaches them and what soon will."""

from ticketing_server.plugins import API, Plugin

from .routes import TargetRoutes
from .widgets import AT_RISK, BREACHES, OVERVIEW

plugin = Plugin(
    name="sla-watch",
    api=API,
    widgets=[OVERVIEW, BREACHES, AT_RISK],
    piccolo_app="sla_watch.piccolo_app",
    init_plugins=[TargetRoutes()],
)
