"""`doctor`: what is wrong with this installation, and what to do about it."""

import asyncio
import os
from pathlib import Path

import msgspec

from ticketing_server.core.bucket import Bucket
from ticketing_server.core.db import Sql, pool, scalar
from ticketing_server.core.postgres import PostgresError
from ticketing_server.database import pending_migrations
from ticketing_server.serving import database
from ticketing_server.settings import Settings

OLDEST_POSTGRES = 14


class Finding(msgspec.Struct):
    """One thing looked at. `advice` says what to do; empty when all is well."""

    what: str
    found: str
    advice: str = ""
    is_fatal: bool = False

    def __str__(self) -> str:
        mark = "FAULT" if self.is_fatal else "note " if self.advice else "ok   "
        advice = f"\n      {self.advice}" if self.advice else ""
        return f"{mark} {self.what}: {self.found}{advice}"


def examine(settings: Settings) -> list[Finding]:
    """Everything that can be looked at without changing it; the embedded database is started."""
    return [
        *_settings(settings),
        _directory("data directory", settings.data_dir, "`serve` makes it."),
        _media(settings),
        *_database(settings),
    ]


def _settings(settings: Settings) -> list[Finding]:
    findings = [Finding("settings", "all read")]
    if settings.debug:
        advice = "Turn DEBUG off on a server that others can reach."
        findings.append(Finding("DEBUG", "on", advice))
    if settings.auth_rate_limit is None:
        advice = "Set AUTH_RATE_LIMIT to a rate such as 10/minute."
        findings.append(Finding("AUTH_RATE_LIMIT", "off", advice))
    return findings


def _directory(what: str, path: Path, made_by: str) -> Finding:
    if not path.exists():
        return Finding(what, f"{path} is not there yet", made_by)
    if not path.is_dir() or not os.access(path, os.W_OK | os.X_OK):
        advice = "Give the directory to the user that runs the server, or set DATA_DIR."
        return Finding(what, f"{path} cannot be written", advice, is_fatal=True)
    return Finding(what, str(path))


def _media(settings: Settings) -> Finding:
    if settings.media_url is None:
        return _directory("media directory", settings.media_directory, "The first upload makes it.")
    try:
        asyncio.run(Bucket(settings.media_url).check())
    except OSError as error:
        advice = "Check MEDIA_URL and AWS_…: endpoint, region, keys, and what they may do there."
        return Finding("media bucket", f"{settings.media_url}: {error}", advice, is_fatal=True)
    return Finding("media bucket", settings.media_url)


def _database(settings: Settings) -> list[Finding]:
    try:
        with database(settings):
            return asyncio.run(_look_inside())
    except (OSError, PostgresError) as error:
        return [_unreachable(str(error))]
    except Exception as error:
        return [_unreachable(f"{type(error).__name__}: {error}")]


def _unreachable(found: str) -> Finding:
    advice = "Check DATABASE_URL, or that the data directory belongs to this user."
    return Finding("database", found, advice, is_fatal=True)


async def _look_inside() -> list[Finding]:
    async with pool(1):
        version = await scalar(Sql("SELECT current_setting('server_version_num')::int"), int)
        pending = await pending_migrations()
    found = Finding("database", f"PostgreSQL {version // 10000}.{version % 10000}")
    if version // 10000 < OLDEST_POSTGRES:
        found.advice = f"PostgreSQL {OLDEST_POSTGRES} or later is needed."
        found.is_fatal = True
    migrations = Finding("migrations", "all applied")
    if pending:
        migrations = Finding(
            "migrations",
            f"{len(pending)} not applied",
            "Run `ticketing-server migrate`; `serve` does it too.",
            is_fatal=True,
        )
    return [found, migrations]
