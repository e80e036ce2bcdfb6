"""A widget: the open tickets that nobody has touched for days, by column."""

from ticketing_server.plugins import API, Plugin

from .widget import STALE_TICKETS

plugin = Plugin(name="stale-tickets", api=API, widgets=[STALE_TICKETS])
