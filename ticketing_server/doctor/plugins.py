"""Installed plugins: those that are left out, and those whose tables are not there."""

from ticketing_server.app import plugins_of
from ticketing_server.database import pending_migrations, plugin_apps
from ticketing_server.settings import Settings

from .finding import Finding


def in_use(settings: Settings) -> Finding:
    plugins = plugins_of(settings)
    faults = [fault for fault in plugins.faults if fault.name not in settings.plugins_disabled]
    if faults:
        found = "; ".join(f"{fault.name} is left out: {fault.reason}" for fault in faults)
        advice = "Mend or uninstall it, or name it in PLUGINS_DISABLED."
        return Finding.warning("plugins", found, advice)
    _, *installed = plugins.loaded
    names = [f"{each.plugin.name} {each.version}" for each in installed]
    return Finding("plugins", ", ".join(names) or "none beside the server's own")


async def tables(_: Settings) -> Finding | None:
    """Nothing to say where the server's own are not there either."""
    if await pending_migrations():
        return None
    pending = {app: await pending_migrations(app) for app in plugin_apps()}
    if missing := [app for app, ids in pending.items() if ids]:
        found = f"migrations of {', '.join(missing)} are not applied"
        return Finding.warning("plugin tables", found, "Run `ticketing-server migrate`.")
    return None
