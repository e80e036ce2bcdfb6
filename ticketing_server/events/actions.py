"""Records events (rulings 4.11)."""

from typing import Any

import msgspec

from ticketing_server.core.db import Sql, execute


class Change(msgspec.Struct, frozen=True):
    """One field's old and new value; people only as ids."""

    field: str
    old: Any = None
    new: Any = None


def recorded(changed: Sql, actor: int, changes: list[Change]) -> Sql:
    """A statement that makes a change to one ticket and writes its history in the same breath.

    `changed` is the change itself, returning the ticket's `project` and `id`: when it changes no
    row, nothing is recorded and nothing returned.
    """
    return Sql(
        """
        WITH changed AS ({}), recorded AS (
            INSERT INTO event (project, ticket, actor, action, field, old_value, new_value)
            SELECT changed.project, changed.id, {}::bigint, 'changed', c.field, c.old, c.new
            FROM changed, jsonb_to_recordset({}::text::jsonb) AS c(field text, old jsonb, new jsonb)
        )
        SELECT id FROM changed
        """,
        changed,
        actor,
        msgspec.json.encode(changes).decode(),
    )


async def record(
    actor: int | None, project: int, ticket: int | None, action: str, value: Any = None
) -> None:
    """Something done to a ticket that is no change of a field: created, commented, deleted."""
    await execute(
        Sql(
            "INSERT INTO event (project, ticket, actor, action, new_value)"
            " VALUES ({}, {}, {}, {}, {}::text::jsonb)",
            project,
            ticket,
            actor,
            action,
            None if value is None else msgspec.json.encode(value).decode(),
        )
    )
