"""What a request asks of the database, recorded from the server itself."""

import asyncio
from typing import Any

import httpx
import msgspec

from tests.bench.scenarios import SECRET, Scenario, token_of
from ticketing_server.app import create_app
from ticketing_server.core import db
from ticketing_server.core.db import DB
from ticketing_server.settings import load_settings

# What asyncpg asks once per connection, about array types; no request's own.
INTROSPECTION = ("typeinfo_tree", "set_config(")


class Recording(msgspec.Struct):
    """Statements with their values, in order, BEGIN and COMMIT included; and the answer."""

    statements: list[tuple[str, list[Any]]]
    body: bytes


async def record(dsn: str, scenario: Scenario) -> Recording:
    """Of the second request, which finds what the first has prepared."""
    settings = load_settings({"DATABASE_URL": dsn, "SECRET_KEY": SECRET, "AUTH_RATE_LIMIT": "off"})
    DB.configure(dsn)
    noted: list[tuple[str, list[Any]]] = []

    async def listen(connection: Any) -> None:
        connection.add_query_logger(lambda logged: noted.append((logged.query, list(logged.args))))

    async with (
        db.pool(2, on_connect=listen),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=create_app(settings)),  # pyright: ignore
            base_url="http://localhost",
            headers={"Authorization": f"Bearer {token_of(scenario.person)}"},
        ) as client,
    ):
        for turn in range(2):
            noted.clear()
            body = scenario.bodies[turn * (len(scenario.bodies) - 1)] if scenario.bodies else None
            answer = await client.request(scenario.method, scenario.paths[0], json=body)
            await asyncio.sleep(0)  # the last statement is noted a moment after it has answered
            if answer.is_error:
                raise RuntimeError(f"{scenario.name}: {answer.text}")
    asked = [one for one in noted if not any(words in one[0] for words in INTROSPECTION)]
    return Recording(asked, answer.content)
