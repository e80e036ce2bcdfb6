"""Whose data is wanted."""

from typing import Any

from ticketing_server.core.structs import BIGGEST

FOUND = """
SELECT account FROM login_name WHERE name = lower($1)
UNION SELECT id FROM account WHERE id = $2
"""


class ExportRefused(Exception):
    """Nobody is called so, or two are; nothing was written."""


async def find_account(connection: Any, named: str) -> int:
    """By username, email or id. Raises ExportRefused.

    A username may be all digits: one person's name and another's id are never taken for each other.
    """
    is_id = named.isascii() and named.isdecimal() and len(named) <= len(str(BIGGEST))
    id = int(named) if is_id and int(named) <= BIGGEST else None
    found = await connection.fetch(FOUND, named, id)
    if not found:
        raise ExportRefused(f"There is no account with the username, email or id {named}.")
    if len(found) > 1:
        raise ExportRefused(
            f"{named} is the username of one account and the id of another: name the email instead."
        )
    return found[0][0]
