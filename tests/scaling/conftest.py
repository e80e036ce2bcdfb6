"""Servers are started as in tests/operations."""

from tests.operations.conftest import directory, start  # noqa: F401
