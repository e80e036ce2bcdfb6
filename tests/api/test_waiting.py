"""Whoever has waited too long is told when to come again, at next to no cost."""

import asyncio

import pytest

from tests.conftest import client_of, token_of
from tests.scrape import Scrape
from tests.waiting import has_to_wait, somebody_else
from ticketing_server.core.db import DB, turnstile
from ticketing_server.core.edge import WAITED

TICKETS = "/tickets/tickets/"


def kept_waiting(app, seconds):
    """The app, whose requests have all waited so long for their turn."""

    async def late(scope, receive, send):
        await app({**scope, WAITED: seconds}, receive, send)

    return late


@pytest.fixture
def alice(app, world):
    def alice(seconds):
        bearer = f"Bearer {token_of(world, 'alice')}"
        return client_of(kept_waiting(app, seconds), Authorization=bearer)

    return alice


async def test_who_has_waited_too_long_is_refused_without_a_statement(alice, statements):
    async with statements() as sent:
        refused = await alice(turnstile.BEGIN_SECONDS).get(TICKETS)

    assert (refused.status_code, sent) == (503, [])
    assert refused.json() == {"detail": "Service temporarily unavailable, try again later."}
    assert refused.headers["retry-after"] == "5"
    assert refused.headers["connection"] == "close"
    assert refused.headers["x-request-id"]


async def test_a_refusal_is_counted_with_the_time_it_has_waited(alice, client):
    before = Scrape((await client.get("http://localhost/metrics")).text)
    await alice(turnstile.BEGIN_SECONDS).get(TICKETS)
    after = Scrape((await client.get("http://localhost/metrics")).text)

    name, labels = "http_request_duration_seconds", {"route": "unmatched", "status": "503"}
    assert after.requests(**labels) == before.requests(**labels) + 1
    seconds = [found.value(f"{name}_sum", method="GET", **labels) or 0 for found in (before, after)]
    assert seconds[1] - seconds[0] >= turnstile.BEGIN_SECONDS


async def test_what_a_request_has_waited_before_it_began_it_no_longer_waits_for_a_connection(alice):
    waited, loop = turnstile.BEGIN_SECONDS - 0.1, asyncio.get_running_loop()
    taken = [await DB.lender.acquire() for _ in range(DB.pool.get_max_size())]
    began = loop.time()

    refused = await alice(waited).get(TICKETS)

    took = loop.time() - began
    for connection in taken:
        await DB.lender.release(connection)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert took < turnstile.PATIENCE_SECONDS - 1


async def test_a_request_that_is_cut_short_is_told_to_come_again(app, world):
    """As uvicorn does with those who are still there when the server has to go."""
    under_way = []

    async def cut_short(scope, receive, send):
        under_way.append(asyncio.create_task(app(scope, receive, send)))
        await under_way[-1]

    client = client_of(cut_short, Authorization=f"Bearer {token_of(world, 'alice')}")
    async with somebody_else() as other:
        await other.execute(f"SELECT FROM ticket WHERE id = {world.printer} FOR UPDATE")
        path = f"{TICKETS}{world.printer}/"
        waiting = await has_to_wait(client.patch(path, json={"name": "Copier"}))
        under_way[0].cancel()
        refused = await waiting

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
