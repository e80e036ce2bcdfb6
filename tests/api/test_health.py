"""Probes: is the process alive, is the database there and migrated."""

import httpx

from ticketing_server.core.db import Sql, execute


def probe(app) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://10.0.0.7:8000"
    )


async def test_probes_answer_whatever_the_host_name(app, empty_database):
    async with probe(app) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        assert (await client.get("/readyz")).json() == {"status": "ok"}
        assert (await client.get("/api/tickets/projects/")).status_code == 400


async def test_a_database_that_is_not_migrated_is_not_ready(app, empty_database):
    migration = "(SELECT max(name) FROM migration WHERE app_name = 'ticketing_server')"
    await execute(Sql(f"UPDATE migration SET app_name = 'away' WHERE name = {migration}"))

    async with probe(app) as client:
        answer = await client.get("/readyz")
        assert (await client.get("/healthz")).status_code == 200

    await execute(Sql("UPDATE migration SET app_name = 'ticketing_server' WHERE app_name = 'away'"))
    assert answer.status_code == 503
    assert answer.json() == {"detail": "1 migrations are still to be run."}
    assert answer.headers["retry-after"] == "5"


async def test_a_browser_is_shown_the_api(client):
    answer = await client.get("http://localhost/")

    assert (answer.status_code, answer.headers["location"]) == (302, "/api/docs/")
