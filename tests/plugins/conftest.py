"""Packages with plugins, installed for one test: real files, found by their real metadata."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import client_of, make_app, make_settings, token_of
from tests.world import World
from ticketing_server.app import plugins_of
from ticketing_server.dashboard.loading import Plugins

WIDGET = """
from typing import Annotated
import asyncio
from msgspec import Meta
from ticketing_server.plugins import (
    Action, Field, Out, Parameters, Plugin, Scope, Sql, Stat, Table, Widget, scalar
)

class Answer(Out):
    count: int

async def read(scope: Scope) -> Answer:
    counting = Sql("SELECT count(*) FROM ticket t WHERE {}", scope.tickets)
    return Answer(count=await scalar(counting, int))

def widget(slug="ticket-count", read=read, show=Stat(value="count"), action=Action.VIEW_PROJECT):
    return Widget(slug=slug, title="T", description="How many tickets there are.", show=show,
        read=read, action=action)
"""
GOOD = WIDGET + 'plugin = Plugin(name="counting", api=1, widgets=[widget()])\n'


def loaded(**environment: str) -> Plugins:
    """What is installed now, as a server would find it."""
    return plugins_of(make_settings(**environment))


class Site:
    """A folder of installed packages, first on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modules: list[str] = []

    def install(self, source: str, *, name: str = "counting", package: str | None = None) -> None:
        """A package of one module, which declares one entry point."""
        package = package or name
        module = f"{package.replace('-', '_')}_{self.folder.name.replace('-', '_')}"
        self.modules.append(module)
        (self.folder / f"{module}.py").write_text(source, encoding="utf-8")
        metadata = self.folder / f"{package.replace('-', '_')}-2.5.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: 2.5\n", encoding="utf-8"
        )
        (metadata / "entry_points.txt").write_text(
            f"[ticketing_server.plugins]\n{name} = {module}:plugin\n", encoding="utf-8"
        )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    site = Site(folder)
    yield site
    for module in site.modules:
        sys.modules.pop(module, None)


@pytest.fixture
def served(world: World) -> Callable[..., Any]:
    """`served("uma")`: a client of a server that has just started, with what is installed now."""

    start = functools.cache(make_app)

    def served(person: str, **environment: str) -> Any:
        app = start(**environment)
        return client_of(app, Authorization=f"Bearer {token_of(world, person)}")

    return served
