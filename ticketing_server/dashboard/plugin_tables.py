"""A plugin's own tables: under its own name, so that they never meet another's."""

from importlib import import_module

from piccolo.conf.apps import AppConfig

from ticketing_server.dashboard.plugin import Plugin
from ticketing_server.dashboard.signatures import Unfit


def check_tables(plugin: Plugin) -> None:
    """Raises Unfit, and whatever importing the plugin's Piccolo app raises."""
    if plugin.piccolo_app is None:
        return
    config = getattr(import_module(plugin.piccolo_app), "APP_CONFIG", None)
    if not isinstance(config, AppConfig):
        raise Unfit(f"{plugin.piccolo_app} has no APP_CONFIG")
    name = app_name(plugin)
    if config.app_name != name:
        raise Unfit(f'its Piccolo app is called "{config.app_name}", not "{name}"')
    for table in config.table_classes:
        stored_as = table._meta.tablename  # pyright: ignore[reportPrivateUsage]
        if not stored_as.startswith(name):
            raise Unfit(f'its table "{stored_as}" does not begin with "{name}"')


def app_name(plugin: Plugin) -> str:
    return plugin.name.replace("-", "_")
