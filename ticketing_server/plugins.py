"""Every name that a plugin may import: version 1 of the contract, told in `plugins/README.md`."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import requires, signed_in
from ticketing_server.access.matrix import Action, Role
from ticketing_server.companies.health import Health
from ticketing_server.companies.ticket_classes import (
    IS_CRITICAL,
    IS_OPEN,
    IS_OVERDUE,
    IS_UNASSIGNED,
    IS_URGENT,
)
from ticketing_server.core.clock import now, today
from ticketing_server.core.db import (
    DB,
    Sql,
    atomic,
    execute,
    joined,
    literal,
    row,
    rows,
    scalar,
    scalars,
)
from ticketing_server.core.errors import Conflict, Forbidden, Invalid, NotFound
from ticketing_server.core.structs import Id, In, Name, Out, Patch
from ticketing_server.dashboard.drawing import Bar, Donut, Field, Line, List, Stat, Table
from ticketing_server.dashboard.plugin import API, Plugin
from ticketing_server.dashboard.widget import Parameters, Scope, Widget
from ticketing_server.projects.lookups import Place, project_in_path
from ticketing_server.tables import Project, Ticket
from ticketing_server.tickets.queries import list_first
from ticketing_server.tickets.structs import TicketOut

__all__ = [
    "API",
    "DB",
    "IS_CRITICAL",
    "IS_OPEN",
    "IS_OVERDUE",
    "IS_UNASSIGNED",
    "IS_URGENT",
    "Action",
    "Actor",
    "Bar",
    "Conflict",
    "Donut",
    "Field",
    "Forbidden",
    "Health",
    "Id",
    "In",
    "Invalid",
    "Line",
    "List",
    "Name",
    "NotFound",
    "Out",
    "Parameters",
    "Patch",
    "Place",
    "Plugin",
    "Project",
    "Role",
    "Scope",
    "Sql",
    "Stat",
    "Table",
    "Ticket",
    "TicketOut",
    "Widget",
    "atomic",
    "execute",
    "joined",
    "list_first",
    "literal",
    "now",
    "project_in_path",
    "requires",
    "row",
    "rows",
    "scalar",
    "scalars",
    "signed_in",
    "today",
]
