"""From installed packages to plugins that can be used, and to the reasons why others cannot.

A plugin is taken whole or not at all, and nothing that is wrong with one keeps the server, or
another plugin, from working.
"""

import logging
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import msgspec
from litestar import Router

from ticketing_server import __version__
from ticketing_server.dashboard.builtin import BUILTIN
from ticketing_server.dashboard.plugin import API, GROUP, Plugin
from ticketing_server.dashboard.plugin_routes import NO_ROUTES, Lifespan, Routes, routes_of
from ticketing_server.dashboard.plugin_tables import check_tables
from ticketing_server.dashboard.signatures import SLUG, Unfit, check_widget
from ticketing_server.dashboard.widget import Widget

logger = logging.getLogger(__name__)


class Loaded(msgspec.Struct, frozen=True):
    """A plugin in use, and the installed package that it comes from."""

    plugin: Plugin
    package: str
    version: str
    routes: Routes = NO_ROUTES


class Fault(msgspec.Struct, frozen=True):
    """A plugin that is left out, and why."""

    name: str
    package: str
    version: str
    reason: str


class Offered(msgspec.Struct, frozen=True):
    """A widget, and whose it is."""

    widget: Widget
    plugin: str
    version: str


class Plugins(msgspec.Struct, frozen=True):
    loaded: list[Loaded] = []
    faults: list[Fault] = []

    def widgets(self) -> list[Offered]:
        return [
            Offered(widget, each.plugin.name, each.version)
            for each in self.loaded
            for widget in each.plugin.widgets
        ]

    def routers(self) -> list[Router]:
        return [each.routes.router for each in self.loaded if each.routes.router]

    def lifespans(self) -> list[Lifespan]:
        return [each.routes.lifespan for each in self.loaded if each.routes.lifespan]

    def piccolo_apps(self) -> list[str]:
        return [each.plugin.piccolo_app for each in self.loaded if each.plugin.piccolo_app]


def load_plugins(disabled: AbstractSet[str], dependencies: Mapping[str, Any]) -> Plugins:
    """The server's own widgets, then the plugins of installed packages by name. Never raises.

    `dependencies` are those that the API offers to a plugin's handlers.
    """
    plugins = Plugins(loaded=[Loaded(BUILTIN, BUILTIN.name, __version__)])
    for entry in sorted(entry_points(group=GROUP), key=_place):
        package, version = _origin(entry)
        try:
            plugin = _load(entry, disabled, plugins.loaded)
            routes = routes_of(plugin, dependencies)
            plugins.loaded.append(Loaded(plugin, package, version, routes))
        except Unfit as unfit:
            plugins.faults.append(Fault(entry.name, package, version, str(unfit)))
        except (Exception, SystemExit) as error:
            reason = f"{type(error).__name__}: {error}"
            logger.warning("plugin %s could not be loaded", entry.name, exc_info=error)
            plugins.faults.append(Fault(entry.name, package, version, reason))
    return plugins


def _place(entry: EntryPoint) -> tuple[str, str]:
    return entry.name, _origin(entry)[0]


def _origin(entry: EntryPoint) -> tuple[str, str]:
    return (entry.dist.name, entry.dist.version) if entry.dist else (entry.value, "")


def _load(entry: EntryPoint, disabled: AbstractSet[str], before: Sequence[Loaded]) -> Plugin:
    """Raises Unfit, and whatever the package raises when it is imported."""
    if entry.name in disabled:
        raise Unfit("switched off by PLUGINS_DISABLED")
    plugin = entry.load()
    if not isinstance(plugin, Plugin):
        raise Unfit(f"{entry.value} is no Plugin")
    if plugin.api != API:
        raise Unfit(f"written for version {plugin.api} of the plugin contract, this is {API}")
    if plugin.name != entry.name or not SLUG.fullmatch(plugin.name):
        raise Unfit(f'its name "{plugin.name}" is not that of its entry point "{entry.name}"')
    for widget in plugin.widgets:
        check_widget(widget)
    _check_unique(plugin, before)
    check_tables(plugin)
    return plugin


def _check_unique(plugin: Plugin, before: Sequence[Loaded]) -> None:
    for other in before:
        if other.plugin.name == plugin.name:
            raise Unfit(f"the package {other.package} has brought a plugin of that name already")
    owners = {widget.slug: each.plugin.name for each in before for widget in each.plugin.widgets}
    for widget in plugin.widgets:
        if widget.slug in owners:
            raise Unfit(f'the widget "{widget.slug}" is there already, by {owners[widget.slug]}')
        owners[widget.slug] = plugin.name
