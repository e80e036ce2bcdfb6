"""A widget that fails or dawdles hurts nobody else, and the answer says whose it is."""

import pytest

from tests.plugins.conftest import WIDGET

FAILING = {
    "raises": "1 / 0",
    "answers with another type": "return {'count': 1}",
    "answers with nothing": "pass",
    "asks for a table that is not there": "await scalar(Sql('SELECT count(*) FROM nowhere'), int)",
    "cannot be written as JSON": "return Answer(count=object())",
}


def plugin_that(does):
    return (
        WIDGET
        + f"async def fail(scope: Scope) -> Answer:\n    {does}\n"
        + "plugin = Plugin(name='counting', api=1,"
        + " widgets=[widget(), widget('failing', read=fail)])"
    )


@pytest.mark.parametrize("way", FAILING)
async def test_a_widget_that_fails_says_whose_it_is_and_nothing_more(world, site, served, way):
    site.install(plugin_that(FAILING[way]))
    uma = served("uma")

    answer = await uma.get(f"/tickets/dashboard/failing/?project={world.project}")
    others = [
        await uma.get(f"/tickets/dashboard/{slug}/?project={world.project}")
        for slug in ("ticket-count", "newest")
    ]

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json() == {
        "detail": 'The widget "failing" failed; the log says why.',
        "plugin": "counting",
    }
    assert [other.status_code for other in others] == [200, 200]


async def test_a_widget_that_dawdles_is_cut_off(world, site, served, monkeypatch):
    monkeypatch.setattr("ticketing_server.dashboard.reading.SECONDS", 0.2)
    site.install(plugin_that("await asyncio.sleep(60)"))

    answer = await served("uma").get(f"/tickets/dashboard/failing/?project={world.project}")

    assert answer.status_code == 503
    assert answer.json() == {
        "detail": 'The widget "failing" took longer than 0.2 seconds.',
        "plugin": "counting",
    }


async def test_a_slow_statement_of_a_widget_is_cut_off_and_the_pool_stays_whole(
    world, site, served, monkeypatch
):
    monkeypatch.setattr("ticketing_server.dashboard.reading.SECONDS", 0.2)
    site.install(plugin_that("await scalar(Sql('SELECT pg_sleep(60)::text'), str)"))
    uma = served("uma")

    slow = [
        await uma.get(f"/tickets/dashboard/failing/?project={world.project}") for _ in range(15)
    ]
    after = await uma.get(f"/tickets/dashboard/ticket-count/?project={world.project}")

    assert {answer.status_code for answer in slow} == {503}
    assert after.json() == {"count": 1}


async def test_a_widget_may_refuse_in_the_words_of_the_contract(world, site, served):
    site.install(
        plugin_that(
            "from ticketing_server.plugins import Conflict; raise Conflict('Set targets first.')"
        )
    )

    answer = await served("uma").get(f"/tickets/dashboard/failing/?project={world.project}")

    assert (answer.status_code, answer.json()) == (409, {"detail": "Set targets first."})
