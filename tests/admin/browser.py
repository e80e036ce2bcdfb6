"""A browser at the admin's page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.world import PASSWORD


@asynccontextmanager
async def browser(app: Any, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """It has loaded the page, and repeats the cookie that came with it, as the page's script does.

    Its address is https: a browser keeps the cookies from plain http.
    """
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="https://localhost/admin",
        headers=headers,
    ) as client:
        await client.get("/")
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        yield client


async def sign_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/public/login/", json={"username": name, "password": password})
