"""What was built step by step once is put back in one go, and is as new as the first time."""

from tests.world import everything_stored
from ticketing_server.core.clock import now
from ticketing_server.core.db import Sql, records

COLUMNS = """
SELECT table_name AS "table", column_name AS "name", data_type AS "type"
FROM information_schema.columns
WHERE table_schema = 'public' AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
AT_ONCE = "SET LOCAL session_replication_role = replica;"
"""Rows come as they were: no trigger adds to them, and no key is looked up."""
PUT = """
INSERT INTO "{table}" ({names}) OVERRIDING SYSTEM VALUE
SELECT {values} FROM json_populate_recordset(NULL::"{table}", '{rows}');
"""


async def as_it_is() -> str:
    """Statements that put back all that is stored now, in tables that are empty by then.

    Ids are the same each time, moments as long ago as now. What a server remembers of the time
    before does not count: every project has changed in this very transaction.
    """
    stored, columns = await everything_stored(), await records(Sql(COLUMNS))
    aging = f"+ (now() - '{now().isoformat()}'::timestamptz)"

    def value(column: dict[str, str]) -> str:
        if column["name"] == "txid":
            return "pg_current_xact_id()::text::bigint"
        return f'"{column["name"]}"' + (aging if column["type"].startswith("timestamp") else "")

    def put(table: str, rows: str) -> str:
        its = [column for column in columns if column["table"] == table]
        return PUT.format(
            table=table,
            names=", ".join(f'"{column["name"]}"' for column in its),
            values=", ".join(map(value, its)),
            rows=rows.replace("'", "''"),
        )

    return AT_ONCE + "".join(put(table, rows) for table, rows in stored.items() if rows != "[]")
