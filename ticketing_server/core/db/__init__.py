"""The database, as every room above uses it."""

from ticketing_server.core.db.connecting import DB, atomic, pool
from ticketing_server.core.db.sql import Later, Prepared, Sql, day, joined, literal
from ticketing_server.core.db.statements import (
    delete,
    execute,
    insert,
    records,
    row,
    rows,
    scalar,
    scalar_or_none,
    scalars,
    update,
)

__all__ = [
    "DB",
    "Later",
    "Prepared",
    "Sql",
    "atomic",
    "day",
    "delete",
    "execute",
    "insert",
    "joined",
    "literal",
    "pool",
    "records",
    "row",
    "rows",
    "scalar",
    "scalar_or_none",
    "scalars",
    "update",
]
