"""Begin a search at the words that few tickets have (docs/decisions/0003-search.md)."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Begin a search at the words that few tickets have."

# ANALYZE notes the thousand words that most tickets have, and what share of them. Where it has not
# been yet, no word is rare. A query's text is `'printer':* & 'of':*`: seven characters are three of
# a word and the rest, and so long a word has nothing in it that would be escaped.
RARE = """
CREATE FUNCTION search_rare(body text) RETURNS tsquery LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_agg(words.word, ' & ')::tsquery
    FROM pg_stats s, string_to_table(search_query(body)::text, ' & ') AS words(word)
    WHERE s.schemaname = current_schema() AND s.tablename = 'ticket_words' AND s.attname = 'words'
        AND s.most_common_elems IS NOT NULL AND length(words.word) >= 7
        AND (
            SELECT coalesce(sum(common.share), 0)
            FROM unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs)
                AS common(word, share)
            WHERE starts_with(common.word, btrim(words.word, ''':*'))
        ) < 0.01
$$;
"""
LEADING = """
CREATE OR REPLACE FUNCTION search_leading(body text) RETURNS tsquery
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        search_rare(body),
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
    await connection.execute(RARE)
    await connection.execute(LEADING)
