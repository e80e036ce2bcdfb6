"""`doctor`: what is wrong with this installation, and what to do about it."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import asyncpg

from ticketing_server.core.db import pool
from ticketing_server.core.postgres import PostgresError
from ticketing_server.serving import database, has_database
from ticketing_server.settings import Settings

from . import audit_log, configuration, contents, directories, plugins, server
from .finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]

# Each looks at one thing and changes nothing; None when there is nothing to say.
Check = Callable[[Settings], Finding | None]


class DatabaseCheck(Protocol):
    __name__: str

    async def __call__(self, settings: Settings, /) -> Finding | None: ...


OUTSIDE: list[Check] = [
    configuration.settings,
    configuration.debug,
    configuration.secret_key,
    configuration.secret_file,
    configuration.throttling,
    configuration.hosts,
    directories.data,
    directories.media,
    directories.space,
    plugins.in_use,
]
SERVER: list[DatabaseCheck] = [
    server.version,
    server.encoding,
    server.rights,
    server.clock,
    server.migrations,
    plugins.tables,
]
# Only in a database that has the tables of this version.
CONTENTS: list[DatabaseCheck] = [
    contents.superusers,
    contents.housekeeping,
    audit_log.kept,
    contents.files,
]


def examine(settings: Settings) -> list[Finding]:
    """Nothing is changed: an embedded database is started, but none is made."""
    outside = [check(settings) for check in OUTSIDE]
    return [*filter(None, outside), *_inside(settings)]


def _inside(settings: Settings) -> list[Finding]:
    try:
        if not has_database(settings):
            return [Finding("database", "not there yet: `serve` makes it")]
        with database(settings):
            return asyncio.run(_look(settings))
    except (OSError, PostgresError) as error:
        return [_unreachable(str(error))]
    except Exception as error:
        return [_unreachable(f"{type(error).__name__}: {error}")]


async def _look(settings: Settings) -> list[Finding]:
    async with pool(1):
        findings = await _run(SERVER, settings)
        if all(finding.level is not Level.FATAL for finding in findings):
            findings += await _run(CONTENTS, settings)
    return findings


async def _run(checks: list[DatabaseCheck], settings: Settings) -> list[Finding]:
    return list(filter(None, [await _run_one(check, settings) for check in checks]))


async def _run_one(check: DatabaseCheck, settings: Settings) -> Finding | None:
    try:
        return await check(settings)
    except asyncpg.InsufficientPrivilegeError as error:
        advice = "The user of DATABASE_URL must own the tables of this server."
        return Finding.fatal(check.__name__, str(error), advice)


def _unreachable(found: str) -> Finding:
    advice = "Check DATABASE_URL, or that the data directory belongs to this user."
    return Finding("database", found, advice, Level.FATAL)
