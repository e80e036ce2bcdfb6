"""The PostgreSQL server, and the level that its database is at."""

import datetime as dt
from typing import cast

from ticketing_server.backup.contents import Connection
from ticketing_server.backup.level import level, shipped
from ticketing_server.core.clock import now
from ticketing_server.core.db import DB, Sql, scalar
from ticketing_server.database import APP
from ticketing_server.settings import Settings

from .finding import Finding

OLDEST = 14
SKEW = dt.timedelta(seconds=5)


async def version(_: Settings) -> Finding:
    number = await scalar(Sql("SELECT current_setting('server_version_num')::int"), int)
    found = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number // 10000 < OLDEST:
        return Finding.fatal("database", found, f"PostgreSQL {OLDEST} or later is needed.")
    return Finding("database", found)


async def encoding(_: Settings) -> Finding | None:
    found = await scalar(Sql("SHOW server_encoding"), str)
    if found != "UTF8":
        advice = "Make another: CREATE DATABASE ticketing ENCODING 'UTF8' TEMPLATE template0."
        return Finding.fatal("encoding", found, advice)


async def rights(_: Settings) -> Finding | None:
    """Since PostgreSQL 15, only the owner of a database has this right from the beginning."""
    if not await scalar(Sql("SELECT has_schema_privilege(current_schema(), 'CREATE')"), bool):
        advice = "Migrations cannot run: GRANT CREATE ON SCHEMA public to the user, as the owner."
        return Finding.fatal("rights", "no tables can be made", advice)


async def clock(_: Settings) -> Finding | None:
    """What expires is judged by both clocks."""
    before = now()
    theirs = await scalar(Sql("SELECT clock_timestamp()"), dt.datetime)
    skew = abs(theirs - before - (now() - before) / 2)
    if skew > SKEW:
        advice = "Tokens and invitations end too early or too late: run NTP on both machines."
        found = f"the database's differs by {skew.total_seconds():.0f} s"
        return Finding.warning("clock", found, advice)


async def migrations(_: Settings) -> Finding:
    """Unknown ones of plugins too; a plugin without its tables stops nobody else."""
    async with DB.transaction() as transaction:
        seen, known = await level(cast(Connection, transaction.connection)), shipped()
    pending = len(set(known[APP]) - set(seen.get(APP, [])))
    unknown = sum(len(set(seen.get(app, [])) - set(ids)) for app, ids in known.items())
    if unknown:
        advice = "The database belongs to a later version: install that one."
        return Finding.fatal("migrations", f"{unknown} unknown", advice)
    if pending:
        advice = "Run `ticketing-server migrate`; `serve` does it too."
        return Finding.fatal("migrations", f"{pending} not applied", advice)
    return Finding("migrations", "all applied")
