"""Every read of what a project's dashboard holds."""

from typing import Any

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import roles_allowed
from ticketing_server.access.visibility import projects_visible_to
from ticketing_server.core.db import Sql, row
from ticketing_server.core.errors import NotFound
from ticketing_server.dashboard.loading import Offered
from ticketing_server.dashboard.signatures import signature_of
from ticketing_server.dashboard.structs import ParameterOut, WidgetOut
from ticketing_server.projects.changes import changed_since

ENABLED = """
SELECT p.widgets, pg_current_snapshot()::text AS snapshot, {} AS is_changed
FROM project p WHERE p.id = {} AND {}
"""
PROJECT = ParameterOut(name="project", required=True, schema={"type": "integer", "minimum": 1})


class Enabled(msgspec.Struct, frozen=True):
    """The widgets that a project has chosen, in its order; None: all there are.

    `snapshot` is what PostgreSQL saw when this was asked; `is_changed` says whether it saw more of
    the project than the snapshot that was asked about.
    """

    widgets: list[str] | None
    snapshot: str
    is_changed: bool

    def includes(self, slug: str) -> bool:
        return self.widgets is None or slug in self.widgets


async def get_enabled(actor: Actor, project: int, since: str | None = None) -> Enabled:
    """Raises NotFound where the actor does not see the project."""
    is_changed = Sql("TRUE") if since is None else changed_since(since)
    found = await row(Sql(ENABLED, is_changed, project, projects_visible_to(actor)), Enabled)
    if found is None:
        raise NotFound
    return found


def list_all(offered: list[Offered]) -> list[WidgetOut]:
    """Every widget of this server."""
    return [_described(each) for each in offered]


async def list_of_project(actor: Actor, project: int, offered: list[Offered]) -> list[WidgetOut]:
    """Those that the project has enabled and the actor may see. Raises NotFound."""
    enabled = await get_enabled(actor, project)
    found = {
        each.widget.slug: each
        for each in offered
        if enabled.includes(each.widget.slug) and actor.may(each.widget.action, project)
    }
    wanted = found if enabled.widgets is None else enabled.widgets
    return [_described(found[slug]) for slug in wanted if slug in found]


def _described(offered: Offered) -> WidgetOut:
    widget = offered.widget
    return WidgetOut(
        slug=widget.slug,
        title=widget.title,
        description=widget.description,
        kind=str(widget.show.__struct_config__.tag),
        show=widget.show,
        parameters=[PROJECT, *_parameters(widget.read)],
        roles=roles_allowed(widget.action),
        path=f"/api/tickets/dashboard/{widget.slug}/",
        plugin=offered.plugin,
        version=offered.version,
    )


def _parameters(read: Any) -> list[ParameterOut]:
    kind = signature_of(read).parameters
    if kind is None:
        return []
    _, components = msgspec.json.schema_components([kind])
    properties: dict[str, Any] = components[kind.__name__]["properties"]
    return [
        ParameterOut(name=name, required=False, schema=schema)
        for name, schema in properties.items()
    ]
