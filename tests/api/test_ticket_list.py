"""Finding tickets: filters, search, order, pages (rulings 1.3, 1.5, 4.9, 4.10)."""

import datetime as dt
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.world import add_ticket
from ticketing_server.core.db import Sql, execute, scalar

TICKETS = "/tickets/tickets/"
TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
async def scanner(world):
    """A second ticket, as unlike the Printer as can be."""
    ticket = await add_ticket(
        world.project, world.columns["Review"], world.people["ugo"], "Scanner",
        world.companies["Globex"],
    )  # fmt: skip
    await give(ticket, type="bug", priority_id=5, due_date=TODAY - dt.timedelta(days=1))
    return ticket


@pytest.fixture
async def forty(world):
    """The Printer and 39 more, in threes of one priority, all created at one instant."""
    await execute(
        Sql(
            'INSERT INTO ticket (project, "column", reporter, name, priority_id)'
            " SELECT {}, {}, {}, 'Ticket ' || n, 1 + n / 3 % 5 FROM generate_series(1, 39) AS n",
            world.project,
            world.columns["New"],
            world.people["uma"],
        )
    )
    await execute(Sql("UPDATE ticket SET created_at = '2025-01-01T00:00:00Z'"))


async def give(ticket, **values):
    """Sets columns of a ticket's row."""
    assignments = ", ".join(f'"{column}" = {{}}' for column in values)
    await execute(Sql(f"UPDATE ticket SET {assignments} WHERE id = {{}}", *values.values(), ticket))


async def add_tag(world, name, *tickets):
    tag = await scalar(
        Sql("INSERT INTO tag (project, name) VALUES ({}, {}) RETURNING id", world.project, name),
        int,
    )
    pairs = "SELECT {}, ticket, {} FROM unnest({}::bigint[]) AS ticket"
    await execute(
        Sql(
            f"INSERT INTO ticket_tag (project, ticket, tag) {pairs}",
            world.project,
            tag,
            list(tickets),
        )
    )
    return tag


def names(answer):
    assert answer.status_code == 200, answer.text
    return [ticket["name"] for ticket in answer.json()["results"]]


# -------------------------------------------------------------------- filters


# What finds the Printer, and what finds the Scanner.
FILTERS = {
    "status": lambda world: ("new", "review"),
    "type": lambda world: ("task", "bug"),
    "priority_id": lambda world: (3, 5),
    "column": lambda world: (world.columns["New"], world.columns["Review"]),
    "company": lambda world: (world.companies["Acme"], world.companies["Globex"]),
    "reporter": lambda world: (world.people["uma"], world.people["ugo"]),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_narrows_and_a_second_value_widens(world, as_user, scanner, name):
    get, (printers, scanners) = as_user("alice").get, FILTERS[name](world)

    assert names(await get(TICKETS, params={name: printers})) == ["Printer"]
    assert names(await get(TICKETS, params={name: scanners})) == ["Scanner"]
    assert names(await get(TICKETS, params={name: [printers, scanners]})) == ["Scanner", "Printer"]


async def test_project_narrows_to_any_of_them(world, as_user):
    get, ours, theirs = as_user("root").get, world.project, world.other_project

    assert names(await get(TICKETS, params={"project": ours})) == ["Printer"]
    assert names(await get(TICKETS, params={"project": theirs})) == ["Secret"]
    both = names(await get(TICKETS, params={"project": [ours, theirs], "ordering": "name"}))
    assert both == ["Printer", "Secret"]


async def test_filters_of_two_names_must_both_fit(world, as_user, scanner):
    get = as_user("alice").get

    assert names(await get(f"{TICKETS}?type=bug&priority_id=5")) == ["Scanner"]
    assert names(await get(f"{TICKETS}?type=bug&priority_id=3")) == []


async def test_assignee_means_any_of_them(world, as_user, scanner):
    alice, adam, uma = (world.people[name] for name in ("alice", "adam", "uma"))
    await as_user("alice").patch(f"{TICKETS}{scanner}/", json={"assignee_ids": [alice, adam]})
    await as_user("alice").patch(f"{TICKETS}{world.printer}/", json={"assignee_ids": [uma]})
    get = as_user("alice").get

    assert names(await get(TICKETS, params={"assignee": adam})) == ["Scanner"]
    assert names(await get(TICKETS, params={"assignee": [adam, alice]})) == ["Scanner"]
    assert names(await get(TICKETS, params={"assignee": [adam, uma]})) == ["Scanner", "Printer"]


async def test_tags_mean_all_of_them(world, as_user, scanner):
    red = await add_tag(world, "red", scanner, world.printer)
    blue = await add_tag(world, "blue", scanner)
    get = as_user("alice").get

    assert names(await get(TICKETS, params={"tags": red})) == ["Scanner", "Printer"]
    assert names(await get(TICKETS, params={"tags": [red, blue, red]})) == ["Scanner"]
    assert names(await get(TICKETS, params={"tags": [red, 999_999]})) == []


async def test_following_means_the_callers_own(world, as_user, scanner):
    await as_user("mona").post(f"{TICKETS}{scanner}/toggle_follow/")

    assert names(await as_user("mona").get(f"{TICKETS}?following=true")) == ["Scanner"]
    assert names(await as_user("mona").get(f"{TICKETS}?following=false")) == ["Printer"]
    assert names(await as_user("alice").get(f"{TICKETS}?following=true")) == []


async def test_overdue_is_open_and_due_before_today(world, as_user, scanner):
    get = as_user("alice").get
    await give(world.printer, due_date=TODAY)
    assert names(await get(f"{TICKETS}?overdue=true")) == ["Scanner"]
    assert names(await get(f"{TICKETS}?overdue=false")) == ["Printer"]

    await as_user("alice").patch(f"{TICKETS}{scanner}/", json={"column": world.columns["Done"]})
    assert names(await get(f"{TICKETS}?overdue=true")) == []


async def test_created_after_and_before_cut_time_in_two(world, as_user, scanner):
    await give(world.printer, created_at=dt.datetime(2025, 10, 20, 22, tzinfo=dt.UTC))
    get, midnight = as_user("alice").get, "2025-10-21T00:00:00+02:00"

    assert names(await get(TICKETS, params={"created_after": midnight})) == ["Scanner", "Printer"]
    assert names(await get(TICKETS, params={"created_before": midnight})) == []
    assert names(await get(f"{TICKETS}?created_before=2025-10-21")) == ["Printer"]
    assert names(await get(f"{TICKETS}?created_after=2025-10-20T22:00:01Z")) == ["Scanner"]


async def test_a_repeated_time_or_yes_or_no_widens_as_any_filter_does(world, as_user, scanner):
    """rulings 4.9"""
    await give(world.printer, created_at=dt.datetime(2025, 10, 20, 22, tzinfo=dt.UTC))
    get, times = as_user("alice").get, ["2025-10-01", "2025-11-01"]
    everything = ["Scanner", "Printer"]

    for given in (times, times[::-1]):
        assert names(await get(TICKETS, params={"created_after": given})) == everything
        assert names(await get(TICKETS, params={"created_before": given})) == ["Printer"]
    for name in ("following", "overdue"):
        for given in (["true", "false"], ["false", "true"]):
            assert names(await get(TICKETS, params={name: given})) == everything
        assert names(await get(TICKETS, params={name: ["true", "true"]})) != everything


BAD = [
    *[("type", value) for value in ("chore", "")],
    *[("priority_id", value) for value in ("0", "6", "high", str(2**80))],
    *[(name, value) for name in ("column", "tags", "project") for value in ("0", "-1", "x")],
    *[(name, str(2**63)) for name in ("company", "assignee", "reporter")],
    *[(name, "maybe") for name in ("following", "overdue")],
    *[("created_after", value) for value in ("yesterday", "2025-13-01", "1e9")],
    *[("created_after", value) for value in (["x", "2025-10-01"], ["2025-10-01", "x"])],
    ("overdue", ["maybe", "true"]),
    ("created_before", "0001-01-01T00:00:00+14:00"),
    ("search", "a\x00b"),
    ("status", "a\x01b"),
    ("search", "x" * 501),
]


@pytest.mark.parametrize(("name", "value"), BAD)
async def test_a_bad_value_is_told_by_its_parameter(as_user, name, value):
    answer = await as_user("alice").get(TICKETS, params={name: value})

    assert (answer.status_code, [*answer.json()]) == (400, [name])


async def test_all_bad_values_are_told_at_once(as_user):
    answer = await as_user("alice").get(f"{TICKETS}?type=chore&column=x&priority_id=9")

    assert answer.json() == {
        "type": ['"chore" is not a valid choice.'],
        "column": ["A valid integer is required."],
        "priority_id": ["Ensure this value is less than or equal to 5."],
    }


async def test_an_unknown_parameter_is_ignored_and_named(as_user):
    answer = await as_user("alice").get(f"{TICKETS}?assigned=7&type=task&zebra=1")

    assert names(answer) == ["Printer"]
    assert answer.headers["x-unknown-parameters"] == "assigned, zebra"
    assert "x-unknown-parameters" not in (await as_user("alice").get(TICKETS)).headers


# --------------------------------------------------------------------- search


@pytest.fixture
async def printers_story(world):
    await give(
        world.printer,
        description='50% of a_b\'s pages c\\d come "out" ქართულად: პრინტერი კბილავს ქაღალდს. '
        "Käse; naïve (re)boot C++ x.509",
    )


@pytest.mark.parametrize(
    "words",
    [
        "printer", "PRINT", "pri", "pages out", "out pages prin", "come", "50%", "%", "a_b", "_",
        "c\\d", "\\", '"out"', "'", "a_b's", "პრინტერი", "კბილ", "ᲞᲠᲘᲜᲢᲔᲠᲘ", "ᲥᲐᲦᲐᲚᲓ", "KÄSE",
        "ka\u0308s", "naïve", "c++", "x.509", "(re)", "desk-1", "DESK-1",
        "printer k", "o printer", "c a_b", "პრინტერი კბ",
    ],
)  # fmt: skip
async def test_search_finds_words_and_their_beginnings(
    world, as_user, scanner, printers_story, words
):
    answer = await as_user("alice").get(TICKETS, params={"search": words})

    assert names(answer) == ["Printer"]


@pytest.mark.parametrize(
    "words",
    ["rinter", "printer fax", "printer z", "fax p", "51%", "a%b", "pag_s", "c\\\\d",
     "DESK-9", "OTHER-1", "secret", "-", "!", "|", "& |", ":*", "<->", "printer:*b", "NOT", "()",
     "''"],
)  # fmt: skip
async def test_search_does_not_find_what_is_not_there(
    world, as_user, scanner, printers_story, words
):
    answer = await as_user("alice").get(TICKETS, params={"search": words})

    assert "Scanner" not in names(answer)
    assert "Secret" not in names(answer)


@pytest.mark.parametrize("blank", ["", "   ", "\t\n"])
async def test_a_blank_search_is_none(as_user, blank):
    assert names(await as_user("alice").get(TICKETS, params={"search": blank})) == ["Printer"]


async def test_search_and_filters_of_the_references_third_pattern(world, as_user, scanner):
    await give(scanner, description="authentication", priority_id=4)

    query = "search=authentication&type=bug&priority_id=4&ordering=-created_at"

    assert names(await as_user("alice").get(f"{TICKETS}?{query}")) == ["Scanner"]


# ---------------------------------------------------------------------- order


async def test_the_newest_come_first_unless_asked_otherwise(world, as_user, scanner):
    get = as_user("alice").get

    assert names(await get(TICKETS)) == ["Scanner", "Printer"]
    assert names(await get(f"{TICKETS}?ordering=")) == ["Scanner", "Printer"]
    assert names(await get(f"{TICKETS}?ordering=created_at")) == ["Printer", "Scanner"]


@pytest.mark.parametrize("field", ["created_at", "updated_at", "priority_id", "name"])
async def test_each_documented_field_orders_both_ways(world, as_user, scanner, field):
    get = as_user("alice").get

    upwards = (await get(f"{TICKETS}?ordering={field}")).json()["results"]
    downwards = (await get(f"{TICKETS}?ordering=-{field}")).json()["results"]

    assert [ticket[field] for ticket in upwards] == sorted(ticket[field] for ticket in upwards)
    assert downwards == upwards[::-1]


async def test_a_second_field_orders_what_the_first_leaves_equal(as_user, forty):
    query = f"{TICKETS}?ordering=priority_id,-name&page_size=100"

    found = (await as_user("alice").get(query)).json()["results"]

    by_name = sorted(found, key=lambda ticket: ticket["name"], reverse=True)
    assert found == sorted(by_name, key=lambda ticket: ticket["priority_id"])


@pytest.mark.parametrize("field", ["id", "status", "--name", "name desc", "created_at;", "search"])
async def test_an_unknown_order_is_refused_with_the_known_ones(as_user, field):
    answer = await as_user("alice").get(TICKETS, params={"ordering": field})

    assert answer.status_code == 400
    assert answer.json() == {
        "ordering": [
            f'"{field}" is not a valid choice.'
            " Valid choices: created_at, updated_at, priority_id, name."
        ]
    }


@pytest.mark.parametrize("order", ["", "created_at", "-created_at", "priority_id", "-priority_id"])
async def test_no_ticket_is_shown_twice_or_missed_across_pages(as_user, forty, order):
    pages = [
        (await as_user("alice").get(f"{TICKETS}?ordering={order}&page_size=7&page={page}")).json()
        for page in range(1, 7)
    ]

    shown = [ticket["id"] for page in pages for ticket in page["results"]]
    assert (len(shown), len({*shown})) == (40, 40)
    assert [len(page["results"]) for page in pages] == [7, 7, 7, 7, 7, 5]


# ---------------------------------------------------------------------- pages


async def test_a_page_knows_its_neighbours(as_user, forty):
    query = "ordering=name&type=task&type=bug&page_size=15"
    first = (await as_user("alice").get(f"{TICKETS}?{query}")).json()
    second = (await as_user("alice").get(first["next"])).json()
    third = (await as_user("alice").get(second["next"])).json()

    assert (first["count"], first["previous"], third["next"]) == (40, None, None)
    assert second["next"].startswith("http://localhost/api/tickets/tickets/?")
    assert [len(page["results"]) for page in (first, second, third)] == [15, 15, 10]
    assert (await as_user("alice").get(second["previous"])).json() == first


async def test_links_keep_every_other_parameter_and_the_slash(as_user, forty):
    asked = [
        ("search", "ticket & co?"),
        ("type", "task"),
        ("type", "bug"),
        ("page", "1"),
        ("x", "ბ"),
    ]
    await execute(Sql("UPDATE ticket SET description = '& co?'"))

    page = (await as_user("alice").get("/tickets/tickets", params=asked)).json()

    link = urlsplit(page["next"])
    assert link.path == "/api/tickets/tickets/"
    assert sorted(parse_qsl(link.query)) == sorted([*asked[:3], ("page", "2"), asked[4]])


async def test_links_name_the_host_that_was_asked(as_user, forty):
    headers = {"Host": "tickets.example.com:8443"}

    page = (await as_user("alice").get(TICKETS, headers=headers)).json()

    assert page["next"] == "http://tickets.example.com:8443/api/tickets/tickets/?page=2"


@pytest.mark.parametrize(
    ("size", "length"),
    [("1", 1), ("100", 40), ("101", 40), ("9" * 18, 40),
     ("0", 20), ("-1", 20), ("x", 20), ("", 20), ("1.5", 20), ("+5", 20), ("٣", 20)],
)  # fmt: skip
async def test_a_page_size_is_from_one_to_a_hundred_or_else_twenty(as_user, forty, size, length):
    page = (await as_user("alice").get(TICKETS, params={"page_size": size})).json()

    assert (page["count"], len(page["results"])) == (40, length)


async def test_more_than_a_hundred_are_never_sent(world, as_user, forty):
    await execute(
        Sql(
            "INSERT INTO ticket (project, \"column\", name) SELECT {}, {}, 'More'"
            " FROM generate_series(1, 80)",
            world.project,
            world.columns["New"],
        )
    )

    page = (await as_user("alice").get(f"{TICKETS}?page_size=1000")).json()

    assert (page["count"], len(page["results"])) == (120, 100)


@pytest.mark.parametrize(
    "page", ["0", "-1", "x", "3", "1.0", "+1", "last", str(2**63), str(10**40), "٢"]
)
async def test_a_page_that_does_not_exist_is_not_found(as_user, forty, page):
    answer = await as_user("alice").get(TICKETS, params={"page": page})

    assert (answer.status_code, answer.json()) == (404, {"detail": "Invalid page."})


async def test_page_one_of_an_empty_list_exists(as_user):
    answer = await as_user("stan").get(f"{TICKETS}?page=1")

    assert answer.json() == {"count": 0, "next": None, "previous": None, "results": []}
    assert (await as_user("stan").get(f"{TICKETS}?page=2")).status_code == 404


@pytest.mark.parametrize("size", [1, 100])
async def test_a_page_of_any_size_takes_three_statements(as_user, forty, statements, size):
    async with statements() as sent:
        await as_user("uma").get(f"{TICKETS}?page_size={size}&ordering=name&status=new")

    assert len(sent) <= 3, sent
