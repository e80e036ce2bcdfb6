"""Columns whose values are a few words: lists and forms of the admin offer these."""

from enum import Enum
from typing import Any, get_args

from piccolo.table import Table

from ticketing_server import tables
from ticketing_server.access.matrix import Role
from ticketing_server.projects.structs import Category
from ticketing_server.tickets.structs import Level, Type


def _words(*values: str) -> Any:
    """Piccolo wants a class of words; made here, it is more than a type checker can follow."""
    return Enum("Words", [(value, value) for value in values])


# The reference's words; the page puts them in the order of the alphabet.
PRIORITIES = Enum(
    "Priorities",
    {"1 lowest": 1, "2 low": 2, "3 medium": 3, "4 high": 4, "5 highest": 5},
)


ROLES = _words(*(role.value for role in Role))
LEVELS = _words(*get_args(Level))

CHOICES: dict[tuple[type[Table], str], type[Enum]] = {
    (tables.Ticket, "type"): _words(*get_args(Type)),
    (tables.Ticket, "priority_id"): PRIORITIES,
    (tables.Ticket, "urgency"): LEVELS,
    (tables.Ticket, "importance"): LEVELS,
    (tables.BoardColumn, "category"): _words(*get_args(Category)),
    (tables.CompanyMember, "relation"): _words("admin", "user"),
    (tables.Invitation, "role"): ROLES,
    (tables.UserRole, "role"): ROLES,
    (tables.UserRole, "granted"): ROLES,
}
