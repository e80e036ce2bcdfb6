"""Servers are started as in tests/operations."""

from tests.operations.conftest import start  # noqa: F401
