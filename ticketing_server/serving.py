"""`serve`: database first, then one or more processes, then one line that says where."""

import asyncio
import contextlib
import http.client
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

import uvicorn
from litestar.types import ASGIApp

from ticketing_server import __version__, tracing
from ticketing_server.app import create_app, plugins_of
from ticketing_server.connections import Connection, Server, Workers, limits
from ticketing_server.core.db import DB
from ticketing_server.core.postgres import EmbeddedPostgres, kept_up
from ticketing_server.core.telemetry.worker_metrics import (
    DIRECTORY,
    forget_all_but,
    shared_directory,
)
from ticketing_server.database import know_plugins, migrate
from ticketing_server.settings import Settings


class CannotListen(Exception):
    """The address is taken, or not ours."""


@contextmanager
def database(settings: Settings) -> Generator[str]:
    """The address of the database of these settings; the embedded one runs inside the block.

    Its tables are ours and those of the plugins.
    """
    know_plugins(plugins_of(settings).piccolo_apps())
    if settings.database_url:
        DB.configure(settings.database_url)
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.data_dir) as postgres, kept_up(postgres):
        DB.configure(postgres.dsn)
        yield postgres.dsn


def has_database(settings: Settings) -> bool:
    """False when there is none yet, and `database` would make one."""
    return bool(settings.database_url) or EmbeddedPostgres(settings.data_dir).exists()


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Until SIGTERM or Ctrl-C; returns when everything in flight is finished.

    Raises CannotListen, and PostgresError from the embedded database.
    """
    # uvicorn raises SIGTERM again once it has shut down; this turns it into an ordinary exit, so
    # that the database is stopped too.
    signal.signal(signal.SIGTERM, _exit)
    tracing.is_wanted()  # what is wrong with it is said now, and not by each worker
    with (
        _listening(host, port) as listener,
        _building(settings) if workers == 1 else nullcontext() as app,
        database(settings) as dsn,
    ):
        asyncio.run(migrate())
        address = _address(host, listener.getsockname()[1])
        threading.Thread(target=_announce, args=(address,), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            if app:
                Server(_config(app.result())).run(sockets=[listener])
            else:
                _serve_in_processes(settings, dsn, listener, workers)


@contextmanager
def _building(settings: Settings) -> Generator[Future[ASGIApp]]:
    """The app, made while PostgreSQL starts: each of them takes a third of a second."""
    with ThreadPoolExecutor(max_workers=1) as builder:
        yield builder.submit(create_app, settings)


def _serve_in_processes(
    settings: Settings, dsn: str, listener: socket.socket, workers: int
) -> None:
    """The workers read the same environment, with what this process has found out."""
    os.environ.update(
        DATABASE_URL=dsn,
        SECRET_KEY=settings.secret_key,
        DATA_DIR=str(settings.data_dir),
    )
    config = _config("ticketing_server.app:from_environment", factory=True, workers=workers)
    with shared_directory(_metrics_directory(settings, listener)) as metrics:
        os.environ[DIRECTORY] = str(metrics)
        Workers(config, [listener], lambda living: forget_all_but(living, metrics)).run()


def _metrics_directory(settings: Settings, listener: socket.socket) -> Path:
    """Of this server's own: others, elsewhere too, may have the same data directory."""
    host, port = listener.getsockname()[:2]
    return settings.data_dir / "metrics" / f"{socket.gethostname()}-{host}-{port}"


def _config(app: object, *, factory: bool = False, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType]: litestar and uvicorn each name ASGI's types
        factory=factory,
        workers=workers,
        http=Connection,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=limits.KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=limits.GRACE_SECONDS,
    )


@contextmanager
def _listening(host: str, port: int) -> Generator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family=family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotListen(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    listener.set_inheritable(True)
    with listener:
        yield listener


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _announce(address: str) -> None:
    """Says where the server is, once it answers there."""
    reachable = address.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")  # noqa: S104
    while not _answers(reachable):
        time.sleep(0.05)
    sys.stdout.write(f"Ticketing Server {__version__} is ready at http://{address}/\n")
    sys.stdout.flush()


def _answers(address: str) -> bool:
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _exit(*_: object) -> None:
    raise SystemExit(0)
