"""Somebody at the admin's page, and root signed in there."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.admin.browser import browser, sign_in
from tests.world import World


@pytest.fixture
async def visitor(app: Any, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody yet."""
    async with browser(app) as client:
        yield client


@pytest.fixture
async def desk(visitor: httpx.AsyncClient) -> httpx.AsyncClient:
    """root, signed in."""
    assert (await sign_in(visitor, "root")).status_code == 200
    return visitor
