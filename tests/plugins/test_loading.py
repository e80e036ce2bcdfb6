"""What becomes of a plugin when the server starts: in use, or left out with a reason."""

import pytest

from tests.plugins.conftest import GOOD, WIDGET, loaded


def reasons(plugins):
    return {fault.name: fault.reason for fault in plugins.faults}


async def test_an_installed_widget_is_served_listed_guarded_and_described(world, site, served):
    site.install(GOOD)
    uma = served("uma")

    answer = await uma.get(f"/tickets/dashboard/ticket-count/?project={world.project}")
    listed = {item["slug"]: item for item in (await uma.get("/tickets/dashboard/")).json()}
    stranger = await uma.get(f"/tickets/dashboard/ticket-count/?project={world.other_project}")
    document = (await uma.get("/openapi.json")).json()

    assert answer.json() == {"count": 1}
    assert (listed["ticket-count"]["plugin"], listed["ticket-count"]["version"]) == (
        "counting",
        "2.5",
    )
    assert listed["ticket-count"]["show"] == {"kind": "stat", "value": "count", "unit": ""}
    assert stranger.status_code == 404
    operation = document["paths"]["/api/tickets/dashboard/ticket-count/"]["get"]
    assert operation["description"] == "How many tickets there are."
    assert operation["operationId"] == "dashboard_ticket_count"


async def test_a_projects_choice_may_name_a_plugins_widget(world, site, served):
    site.install(GOOD)
    alice = served("alice")

    answer = await alice.patch(
        f"/tickets/projects/{world.project}/", json={"widgets": ["ticket-count"]}
    )

    assert answer.json()["widgets"] == ["ticket-count"]


async def test_the_action_of_a_widget_decides_who_may_see_it(world, site, served):
    site.install(
        WIDGET
        + "plugin = Plugin(name='counting', api=1,"
        + " widgets=[widget(action=Action.ASSIGN_TICKETS)])"
    )
    address = f"/tickets/dashboard/ticket-count/?project={world.project}"

    answers = [await served(name).get(address) for name in ("alice", "adam", "uma", "mona")]

    assert [answer.status_code for answer in answers] == [200, 200, 403, 403]
    assert answers[3].json()["roles_allowed"] == ["superadmin", "admin"]


PARAMETERS = """
class Wanted(Parameters):
    days: Annotated[int, Meta(ge=1, le=90)] = 7
    least: Annotated[int, Meta(ge=1)] | None = None
    tags: list[int] = []

class Echo(Out):
    days: int
    least: int | None
    tags: list[int]

async def echo(scope: Scope, parameters: Wanted) -> Echo:
    return Echo(days=parameters.days, least=parameters.least, tags=parameters.tags)

plugin = Plugin(name="counting", api=1, widgets=[widget(read=echo, show=Stat(value="days"))])
"""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"days": 7, "least": None, "tags": []}),
        ("&days=30&least=2&tags=4&tags=5", {"days": 30, "least": 2, "tags": [4, 5]}),
    ],
)
async def test_a_widget_reads_its_parameters_from_the_query(world, site, served, query, expected):
    site.install(WIDGET + PARAMETERS)

    answer = await served("uma").get(
        f"/tickets/dashboard/ticket-count/?project={world.project}{query}"
    )

    assert answer.json() == expected


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("days=0", ["days"]),
        ("days=91", ["days"]),
        ("days=x", ["days"]),
        ("least=0", ["least"]),
        ("tags=1&tags=x", ["tags"]),
        ("days=x&least=0&tags=y", ["days", "least", "tags"]),
        ("project=x&days=0", ["days", "project"]),
    ],
)
async def test_every_wrong_parameter_is_refused_by_name(world, site, served, query, wrong):
    site.install(WIDGET + PARAMETERS)

    named = "" if "project" in query else f"&project={world.project}"
    answer = await served("uma").get(f"/tickets/dashboard/ticket-count/?{query}{named}")

    assert answer.status_code == 400
    assert sorted(answer.json()) == wrong


UNFIT = {
    "a module that fails": ("1 / 0", "ZeroDivisionError: division by zero"),
    "a module that leaves": ("raise SystemExit(3)", "SystemExit: 3"),
    "a missing import": ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
    "no plugin in it": ("plugin = 'a string'", "is no Plugin"),
    "nothing of that name": ("x = 1", "has no attribute 'plugin'"),
    "another contract": (
        WIDGET + "plugin = Plugin(name='counting', api=2)",
        "written for version 2 of the plugin contract, this is 1",
    ),
    "another name": (WIDGET + "plugin = Plugin(name='other', api=1)", 'its name "other" is not'),
    "no widget at all": (WIDGET + "plugin = Plugin(name='counting', api=1, widgets=[1])", "Widget"),
    "an odd slug": (
        WIDGET + "plugin = Plugin(name='counting', api=1, widgets=[widget('A b')])",
        'widget "A b": a slug',
    ),
    "a drawing of what is not there": (
        WIDGET
        + "plugin = Plugin(name='counting', api=1, widgets=[widget(show=Stat(value='sum'))])",
        "`show` names `sum`, which Answer does not have",
    ),
    "a drawing of rows that are not there": (
        WIDGET
        + "plugin = Plugin(name='counting', api=1,"
        + " widgets=[widget(show=Table(rows='lines', columns=[]))])",
        "`show` names the rows `lines`",
    ),
    "a slug of ours": (
        WIDGET + "plugin = Plugin(name='counting', api=1, widgets=[widget('newest')])",
        'the widget "newest" is there already, by ticketing-server',
    ),
    "the same slug twice": (
        WIDGET + "plugin = Plugin(name='counting', api=1, widgets=[widget(), widget()])",
        'the widget "ticket-count" is there already, by counting',
    ),
    "a plain function": (
        WIDGET
        + "def plain(scope: Scope) -> Answer: ...\n"
        + "plugin = Plugin(name='counting', api=1, widgets=[widget(read=plain)])",
        "`read` is not an `async def` function",
    ),
    "an answer without a type": (
        WIDGET
        + "async def untyped(scope): ...\n"
        + "plugin = Plugin(name='counting', api=1, widgets=[widget(read=untyped)])",
        "`read` must be annotated to return an `Out`",
    ),
    "a parameter of ours": (
        WIDGET
        + "class P(Parameters):\n    page: int = 1\n"
        + "async def ask(scope: Scope, parameters: P) -> Answer: ...\n"
        + "plugin = Plugin(name='counting', api=1, widgets=[widget(read=ask)])",
        "the parameter `page` is the server's own",
    ),
    "a parameter without default": (
        WIDGET
        + "class P(Parameters):\n    days: int\n"
        + "async def ask(scope: Scope, parameters: P) -> Answer: ...\n"
        + "plugin = Plugin(name='counting', api=1, widgets=[widget(read=ask)])",
        "the parameter `days` has no default",
    ),
}


@pytest.mark.parametrize("fault", UNFIT)
async def test_a_plugin_that_does_not_fit_is_left_out_with_a_reason(world, site, served, fault):
    source, reason = UNFIT[fault]
    site.install(source)
    site.install(GOOD.replace("ticket-count", "sound").replace("counting", "sound"), name="sound")

    plugins = loaded()
    answer = await served("uma").get(f"/tickets/dashboard/sound/?project={world.project}")

    assert reason in reasons(plugins)["counting"]
    assert answer.json() == {"count": 1}


async def test_of_two_packages_with_one_plugin_the_first_by_name_is_used(site):
    site.install(GOOD, package="aardvark")
    site.install(GOOD, package="zebra")

    plugins = loaded()

    assert [each.package for each in plugins.loaded if each.plugin.name == "counting"] == [
        "aardvark"
    ]
    assert [(fault.package, fault.reason) for fault in plugins.faults] == [
        ("zebra", "the package aardvark has brought a plugin of that name already")
    ]


async def test_an_operator_switches_a_plugin_off(world, site, served):
    site.install(GOOD)

    answer = await served("uma", PLUGINS_DISABLED="other, counting").get(
        f"/tickets/dashboard/ticket-count/?project={world.project}"
    )

    assert answer.status_code == 404
    assert reasons(loaded(PLUGINS_DISABLED="counting")) == {
        "counting": "switched off by PLUGINS_DISABLED"
    }
