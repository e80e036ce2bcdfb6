"""The plugins' tests talk to the real server, in the world of the server's own tests."""

from tests.conftest import (
    app,
    app_dir,
    as_user,
    built,
    client,
    empty_database,
    pytest_configure,
    statements,
    worker_database,
    world,
)

__all__ = [
    "app",
    "app_dir",
    "as_user",
    "built",
    "client",
    "empty_database",
    "pytest_configure",
    "statements",
    "worker_database",
    "world",
]
