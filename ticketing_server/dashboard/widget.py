"""The contract of a widget, version 1: what it is called, who may see it, what it reads.

The same for the widgets of this server and for those of plugins.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.access.ticket_visibility import tickets_visible_in
from ticketing_server.access.visibility import companies_visible_to
from ticketing_server.core.db import Sql
from ticketing_server.core.structs import In
from ticketing_server.dashboard.drawing import Show


class Parameters(In):
    """What a widget can be asked beside the project: each field is a query parameter.

    Every field has a default. Limits live in the type: `days: Annotated[int, Meta(ge=1)] = 7`.
    """


class Scope(msgspec.Struct, frozen=True):
    """Who asks, and about which project; the actor holds a role in it, or is a superuser."""

    actor: Actor
    project: int

    @property
    def tickets(self) -> Sql:
        """A condition on the alias `t`: the project's tickets that the actor sees (4.4)."""
        return tickets_visible_in(self.actor, self.project)

    @property
    def companies(self) -> Sql:
        """A condition on the alias `c`: the project's companies that the actor sees (6.2)."""
        return Sql(
            "c.id IN (SELECT cp.company FROM company_project cp WHERE cp.project = {}) AND {}",
            self.project,
            companies_visible_to(self.actor),
        )


class Widget(msgspec.Struct, frozen=True, kw_only=True):
    """One widget, answered at `/api/tickets/dashboard/{slug}/?project=`.

    `read` is a coroutine function `(scope) -> Answer` or `(scope, parameters) -> Answer`, with its
    types: the parameters are a `Parameters`, the answer is an `Out` or a list of them. It only
    reads, at most what the scope allows, and has five seconds. `action` names the row of the role
    matrix that says who may see the widget.

    `is_kept` promises that the answer is the same for all who see every ticket of the project, and
    follows from its tickets, assignees, companies, columns and members alone: for them it is then
    read again only after one of these has changed, or a minute later.
    """

    slug: str
    title: str
    description: str
    show: Show
    read: Callable[..., Awaitable[Any]]
    action: Action = Action.VIEW_PROJECT
    is_kept: bool = False
