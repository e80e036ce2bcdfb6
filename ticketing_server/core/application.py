"""Litestar, as every application of this server is made."""

from litestar import Litestar
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from typing_extensions import override


class Application(Litestar):
    """Without the plugins for pydantic and attrs that Litestar adds where these are installed.

    Nothing here speaks them; importing pydantic takes a fifth of a start, and 12 MB.
    """

    @staticmethod
    @override
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]
