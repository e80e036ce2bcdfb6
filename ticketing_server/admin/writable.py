"""What can be changed in the admin: nothing but what the API changes, through the API's own doors.

So history, versions, roles, sessions and every refusal are the same, wherever a change comes from.
What is not listed here is read-only there.
"""

from collections.abc import Mapping
from typing import NamedTuple

READ_ONLY, ONCE = "Read-only here.", "Chosen when the row is added."


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


class Door(NamedTuple):
    """Where the API changes such a row. `changes`: the column, and the API's name for it."""

    path: str
    changes: Mapping[str, str] = {}
    creates: tuple[str, ...] = ()
    deletes: bool = False

    def explains(self, column: str) -> str | None:
        """Why the column cannot be changed, where it cannot."""
        if column in self.changes:
            return None
        return ONCE if column in self.creates else READ_ONLY


WRITABLE = {
    "account": Door(
        "users",
        changes=_same("username", "email", "first_name", "last_name", "is_staff")
        | {"active": "is_active", "superuser": "is_superuser"},
        deletes=True,
    ),
    "attachment": Door("attachments", deletes=True),
    "board_column": Door(
        "columns",
        changes=_same("name", "color", "category"),
        creates=("project", "name", "color", "category"),
        deletes=True,
    ),
    "comment": Door("comments", deletes=True),
    "company": Door(
        "companies",
        changes=_same("name", "description", "primary_contact_email", "phone"),
        deletes=True,
    ),
    "contact": Door(
        "contacts",
        changes=_same("name", "email", "phone", "title", "department", "description"),
        creates=("project", "name", "email", "phone", "title", "department", "description"),
        deletes=True,
    ),
    "project": Door("projects", changes=_same("name", "key", "description")),
    "tag": Door(
        "tags",
        changes=_same("name", "description", "color"),
        creates=("project", "name", "description", "color"),
        deletes=True,
    ),
    "ticket": Door(
        "tickets",
        changes=_same(
            "name", "description", "type", "priority_id", "urgency", "importance", "column",
            "company", "start_date", "due_date",
        ),
        deletes=True,
    ),
}  # fmt: skip


def door_of(table: str) -> Door:
    """A door that lets nothing through, for what is not listed."""
    return WRITABLE.get(table, Door(""))
