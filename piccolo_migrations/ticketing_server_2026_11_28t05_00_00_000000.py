"""Find the longer words of a search, which lead to few tickets (docs/decisions/0003-search.md)."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T05:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Find the longer words of a search."

# A query's text is `'printer':* & 'of':*`: seven characters are three of the word and the rest.
LEADING = """
CREATE FUNCTION search_leading(body text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (
            SELECT string_agg(word, ' & ')::tsquery
            FROM string_to_table(search_query(body)::text, ' & ') AS words(word)
            WHERE length(word) >= 7
        ),
        search_query(body)
    )
$$;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute(LEADING)
