"""Columns whose values are a few words: lists and forms of the admin offer these."""

from enum import Enum
from typing import get_args

from piccolo.table import Table

from ticketing_server import tables
from ticketing_server.access.matrix import Role
from ticketing_server.projects.structs import Category
from ticketing_server.tickets.structs import Level, Type


class Priority(Enum):
    """The reference's words."""

    Lowest = 1
    Low = 2
    Medium = 3
    High = 4
    Highest = 5


def _words(*values: str) -> type[Enum]:
    return Enum("Words", [(value, value) for value in values])


ROLES = _words(*(role.value for role in Role))
LEVELS = _words(*get_args(Level))

CHOICES: dict[tuple[type[Table], str], type[Enum]] = {
    (tables.Ticket, "type"): _words(*get_args(Type)),
    (tables.Ticket, "priority_id"): Priority,
    (tables.Ticket, "urgency"): LEVELS,
    (tables.Ticket, "importance"): LEVELS,
    (tables.BoardColumn, "category"): _words(*get_args(Category)),
    (tables.CompanyMember, "relation"): _words("admin", "user"),
    (tables.Invitation, "role"): ROLES,
    (tables.UserRole, "role"): ROLES,
    (tables.UserRole, "granted"): ROLES,
}
