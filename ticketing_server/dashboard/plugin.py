"""The contract of a plugin, version 1: what an entry point of `ticketing_server.plugins` names."""

from collections.abc import Sequence

import msgspec
from litestar.plugins import InitPlugin

from ticketing_server.dashboard.widget import Widget

API = 1
GROUP = "ticketing_server.plugins"


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """A package's contribution, under the name of its entry point.

    `api` is the version of this contract that the package was written for. `piccolo_app` is the
    dotted path of a module with an `APP_CONFIG`: the app and its tables carry the plugin's name.
    What `init_plugins` add to their AppConfig is served below `/api/plugins/{name}/`.
    """

    name: str
    api: int
    widgets: Sequence[Widget] = ()
    piccolo_app: str | None = None
    init_plugins: Sequence[InitPlugin] = ()
