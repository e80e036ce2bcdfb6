"""The commands of `ticketing-server`."""

import argparse
import asyncio
import contextlib
import getpass
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from typing import NoReturn, TypeVar

import asyncpg
import msgspec

from ticketing_server import __version__, backup, doctor, export, serving
from ticketing_server.accounts.actions import create_superuser
from ticketing_server.accounts.structs import NewAccount
from ticketing_server.app import describe, plugins_of, storage_of
from ticketing_server.conformance import check_plugin
from ticketing_server.core.body import decode
from ticketing_server.core.db import pool
from ticketing_server.core.errors import Invalid
from ticketing_server.core.postgres import PostgresError
from ticketing_server.core.telemetry.logs import configure_logging
from ticketing_server.database import migrate
from ticketing_server.demo import DemoRefused, load_demo
from ticketing_server.settings import Settings, WrongSetting, load_settings

T = TypeVar("T")
Arguments = argparse.Namespace

WRONG_USE = 2
INTERRUPTED = 130
# What a shell says of whoever SIGPIPE ended.
READ_NO_FURTHER = 141
# What is no fault of the program's is said in one line.
FAILURES = (
    PostgresError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    serving.CannotListen,
    DemoRefused,
    backup.Refused,
    export.ExportRefused,
    OSError,
)


def main(arguments: list[str] | None = None) -> None:
    """Runs one command. Exit status: 0 done, 1 failed, 2 a wrong setting or word.

    141 where nobody reads any further what it prints.
    """
    try:
        with _while_it_is_read():
            given = _parser().parse_args(arguments)
            settings = load_settings(data_dir=given.data_dir)
            configure_logging(settings.log_level, settings.log_format)
            given.run(settings, given)
    except WrongSetting as error:
        _fail(str(error), WRONG_USE)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _fail("Interrupted.", INTERRUPTED)
    except FAILURES as error:
        _fail(str(error))
    except Invalid as error:
        _fail("\n".join(f"{name}: {' '.join(said)}" for name, said in error.fields.items()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ticketing-server", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[Settings, Arguments], None], says: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=says, description=says)
        added.add_argument("--data-dir", type=Path, help="where everything is kept (./data)")
        added.set_defaults(run=run)
        return added

    serve = command("serve", _serve, "Migrate, then serve the API, its docs and media.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=8000)
    serve.add_argument("--workers", type=_at_least_one, default=1, help="server processes")
    command("migrate", _migrate, "Bring the database to this version.")
    superuser = command("create-superuser", _create_superuser, "Make an account that may do all.")
    superuser.add_argument("--username", help="asked for on a terminal when left out")
    superuser.add_argument("--email", help="asked for on a terminal when left out")
    superuser.add_argument("--password-stdin", action="store_true")
    demo = command("demo", _demo, "Load demo projects, people and tickets (only with DEBUG on).")
    demo.add_argument("--tickets", type=_at_least_one, default=400)
    demo.add_argument("--seed", type=int, default=1)
    back_up = command("backup", _backup, "Write database and media into one file, while serving.")
    back_up.add_argument("file", type=Path, help="must not be there yet")
    restore = command("restore", _restore, "Put a backup into an empty server.")
    restore.add_argument("file", type=Path, help="made by `backup`, by this version or before")
    exported = command(
        "export-user", _export_user, "Print all that is known of one person, as JSON."
    )
    exported.add_argument("user", help="username, email or id")
    exported.add_argument("--output", type=Path, help="a file that is not there yet")
    command("doctor", _doctor, "Check this installation, and say what to do about each fault.")
    plugins = command("plugins", _plugins, "List installed plugins, and why one is not in use.")
    check = plugins.add_subparsers(metavar="check").add_parser(
        "check", help="try one out, role by role", description="Try a plugin out, role by role."
    )
    check.add_argument("package", help="the package, or the plugin")
    check.set_defaults(run=_check_plugin)
    command("openapi", _openapi, "Print the OpenAPI document.")
    return parser


def _serve(settings: Settings, given: Arguments) -> None:
    serving.serve(settings, host=given.host, port=given.port, workers=given.workers)


def _migrate(settings: Settings, _: Arguments) -> None:
    with serving.database(settings):
        failed = asyncio.run(migrate())
    for plugin, reason in failed.items():
        _say(f"The tables of the plugin {plugin} could not be made: {reason}")
    if failed:
        sys.exit(1)
    _say("The database is up to date.")


def _create_superuser(settings: Settings, given: Arguments) -> None:
    username = given.username or input("Username: ")
    email = given.email or input("Email: ")
    password = sys.stdin.readline().rstrip("\n") if given.password_stdin else _ask_password()
    typed = {"username": username, "email": email, "password": password}
    data = decode(msgspec.json.encode(typed), NewAccount)
    _in_database(settings, lambda: create_superuser(data))
    _say(f"Superuser {data.username} created.")


def _demo(settings: Settings, given: Arguments) -> None:
    if not settings.debug:
        raise WrongSetting("DEBUG", "off", "to be on for `demo`: its passwords are known to all")
    summary = _in_database(settings, lambda: load_demo(tickets=given.tickets, seed=given.seed))
    _say(
        f"Loaded {summary.projects} projects, {summary.companies} companies,"
        f" {summary.people} people, {summary.tickets} tickets, {summary.comments} comments."
    )
    _say("Sign in as admin, password admin (superuser), or with the password")
    _say(f"{summary.password} as one of:")
    for role, username in summary.sign_ins.items():
        _say(f"  {username} ({role})")


def _backup(settings: Settings, given: Arguments) -> None:
    if not serving.has_database(settings):
        raise backup.Refused(f"There is no database in {settings.data_dir}: nothing to back up.")
    storage = storage_of(settings)
    with backup.creating(given.file) as archive, serving.database(settings):
        manifest = asyncio.run(_stoppable(backup.back_up(archive, storage)))
    _say(f"Wrote {manifest} to {given.file}.")


def _restore(settings: Settings, given: Arguments) -> None:
    storage = storage_of(settings)
    with backup.opened(given.file) as (archive, manifest), serving.database(settings):
        asyncio.run(_stoppable(backup.restore(archive, manifest, storage)))
    _say(f"Restored {manifest}. Everybody signs in again, unless SECRET_KEY is the same.")


def _export_user(settings: Settings, given: Arguments) -> None:
    if not serving.has_database(settings):
        raise export.ExportRefused(f"There is no database in {settings.data_dir}.")
    if given.output is None:
        _in_database(settings, lambda: export.export_user(given.user, sys.stdout.buffer))
        return
    with export.new_file(given.output) as file:
        _in_database(settings, lambda: export.export_user(given.user, file))
    _say(f"Wrote what is known of {given.user} to {given.output}.")


def _doctor(settings: Settings, _: Arguments) -> None:
    findings = doctor.examine(settings)
    _say("\n".join(map(str, findings)))
    if any(finding.level is doctor.Level.FATAL for finding in findings):
        sys.exit(1)


def _plugins(settings: Settings, _: Arguments) -> None:
    plugins = plugins_of(settings)
    for loaded in plugins.loaded:
        _say(f"{loaded.plugin.name} {loaded.version} ({loaded.package})")
        for widget in loaded.plugin.widgets:
            _say(f"  {widget.slug}: {widget.title}")
    for fault in plugins.faults:
        _say(f"{fault.name} {fault.version} ({fault.package})")
        _say(f"  NOT IN USE: {fault.reason}")


def _check_plugin(settings: Settings, given: Arguments) -> None:
    checks = check_plugin(given.package, plugins_of(settings))
    for check in checks:
        _say(str(check))
    if any(check.fault for check in checks):
        sys.exit(1)


def _openapi(settings: Settings, _: Arguments) -> None:
    document = msgspec.json.encode(describe(settings))
    _say(msgspec.json.format(document, indent=2).decode())


@contextlib.contextmanager
def _while_it_is_read() -> Generator[None]:
    """Ends a command without a word when its reader has gone, as `head` does.

    SIGPIPE itself would leave behind what was begun: an embedded PostgreSQL, for instance.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Python would say that it cannot write what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(READ_NO_FURTHER)


async def _stoppable(work: Awaitable[T]) -> T:
    """SIGTERM cancels it, so that what it has begun is cleared away."""
    task = asyncio.current_task()
    with contextlib.suppress(NotImplementedError):  # on Windows
        if task:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


def _in_database(settings: Settings, work: Callable[[], Awaitable[T]]) -> T:
    """Does the work on a migrated database."""

    async def connected() -> T:
        await migrate()
        async with pool(2):
            return await work()

    with serving.database(settings):
        return asyncio.run(connected())


def _ask_password() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        _fail("The two passwords do not match.")
    return password


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("wants a whole number from 1")
    return int(text)


def _port(text: str) -> int:
    """0 takes any that is free."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("wants a whole number from 0 to 65535")
    return int(text)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _fail(text: str, status: int = 1) -> NoReturn:
    sys.stderr.write(text + "\n")
    sys.exit(status)
