"""The checks themselves, in the order in which an author would want to hear of them."""

import asyncio
import time

import msgspec

from ticketing_server.access.matrix import Role
from ticketing_server.conformance.growth import copy_tickets_hidden_from, copy_tickets_visible_to
from ticketing_server.conformance.imports import foreign_imports
from ticketing_server.conformance.scratch import (
    Cast,
    Statements,
    counted,
    find_cast,
    scratch_cluster,
)
from ticketing_server.core.errors import Refusal
from ticketing_server.dashboard import reading
from ticketing_server.dashboard.builtin import BUILTIN
from ticketing_server.dashboard.loading import Loaded, Offered, Plugins
from ticketing_server.dashboard.plugin_tables import app_name
from ticketing_server.dashboard.signatures import signature_of
from ticketing_server.dashboard.widget import Parameters, Scope
from ticketing_server.database import know_plugins, migrate
from ticketing_server.demo import load_demo

FEW, MOST_NAMED = 60, 5


class Check(msgspec.Struct, frozen=True):
    """One thing looked at; `fault` is empty when it is as it should be."""

    what: str
    fault: str = ""

    def __str__(self) -> str:
        return f"FAULT {self.what}: {self.fault}" if self.fault else f"ok    {self.what}"


def check_plugin(name: str, plugins: Plugins) -> list[Check]:
    """Of the plugin, or the package, of that name. Raises PostgresError without a database."""
    for fault in plugins.faults:
        if name in (fault.name, fault.package):
            return [Check("is taken by the server", fault.reason)]
    for loaded in plugins.loaded:
        if name in (loaded.plugin.name, loaded.package):
            imports = [] if loaded.plugin is BUILTIN else _imports(loaded)
            return [Check("is taken by the server"), *imports, *_tried_out(loaded)]
    return [Check("is installed", f"no package or plugin is called {name}")]


def _imports(loaded: Loaded) -> list[Check]:
    packages = {widget.read.__module__.partition(".")[0] for widget in loaded.plugin.widgets}
    found = [line for package in sorted(packages) for line in foreign_imports(package)]
    what = "imports nothing of the server but ticketing_server.plugins"
    return [Check(what, "; ".join(found[:MOST_NAMED]))]


def _tried_out(loaded: Loaded) -> list[Check]:
    with scratch_cluster():
        know_plugins([loaded.plugin.piccolo_app] if loaded.plugin.piccolo_app else [])
        return asyncio.run(_on_a_database(loaded))


async def _on_a_database(loaded: Loaded) -> list[Check]:
    failed = (await migrate()).get(app_name(loaded.plugin), "")
    checks = [Check("its migrations apply", failed)] if loaded.plugin.piccolo_app else []
    if failed:
        return checks
    async with counted() as statements:
        await load_demo(tickets=FEW)
        cast = await find_cast()
        for widget in loaded.plugin.widgets:
            offered = Offered(widget, loaded.plugin.name, loaded.version)
            checks += await _of_widget(offered, cast, statements)
    return checks


async def _of_widget(offered: Offered, cast: Cast, statements: Statements) -> list[Check]:
    slug = offered.widget.slug
    allowed = {
        role: actor
        for role, actor in cast.people.items()
        if actor.may(offered.widget.action, cast.project)
    }
    checks = [
        Check(
            f"{slug}: answers {role}", await _fault_of_answer(offered, Scope(actor, cast.project))
        )
        for role, actor in allowed.items()
    ]
    if any(check.fault for check in checks):
        return checks
    for role, actor in allowed.items():
        checks += await _of_growth(offered, role, Scope(actor, cast.project), statements)
    return checks


async def _fault_of_answer(offered: Offered, scope: Scope) -> str:
    started = time.perf_counter()
    try:
        answer = msgspec.json.encode(await _ask(offered, scope))
        msgspec.json.decode(answer, type=signature_of(offered.widget.read).answer)
    except (Refusal, msgspec.ValidationError) as error:
        cause = error.__cause__
        return f"{error}" + (f" ({type(cause).__name__}: {cause})" if cause else "")
    seconds = time.perf_counter() - started
    return f"takes {seconds:.1f} s with {FEW} tickets" if seconds > 1 else ""


async def _of_growth(
    offered: Offered, role: Role, scope: Scope, statements: Statements
) -> list[Check]:
    """What more tickets do to the answer, and to what it costs."""
    slug = offered.widget.slug
    before, cost = await _asked(offered, scope, statements)
    again, _ = await _asked(offered, scope, statements)
    await copy_tickets_hidden_from(scope.actor, scope.project)
    after, _ = await _asked(offered, scope, statements)
    await copy_tickets_visible_to(scope.actor, scope.project)
    _, later_cost = await _asked(offered, scope, statements)
    leak = "its answer changes with tickets they cannot see" if before == again != after else ""
    dear = f"sends {later_cost} with more tickets" if later_cost > cost else ""
    return [
        Check(f"{slug}: tells {role} nothing of what they cannot see", leak),
        Check(f"{slug}: sends {cost} statement(s) for {role}, at any size", dear),
    ]


async def _asked(offered: Offered, scope: Scope, statements: Statements) -> tuple[bytes, int]:
    before = statements.count
    answer = msgspec.json.encode(await _ask(offered, scope))
    return answer, statements.count - before


async def _ask(offered: Offered, scope: Scope) -> object:
    parameters = signature_of(offered.widget.read).parameters or Parameters
    return await reading.read(offered, scope, parameters())
