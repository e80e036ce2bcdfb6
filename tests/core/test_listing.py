"""Pages and orders, apart from any list (rulings 1.3, 1.5)."""

import pytest

from ticketing_server.core.errors import Invalid
from ticketing_server.core.listing import InvalidPage, Page, provide_page
from ticketing_server.core.order import order_by, order_terms

COLUMNS = {"name": "t.name", "created_at": "t.created_at", "id": "t.id"}
FIELDS = ["name", "created_at"]


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        (None, "t.created_at DESC, t.id DESC"),
        ("", "t.created_at DESC, t.id DESC"),
        ("name", "t.name ASC, t.id ASC"),
        ("-name", "t.name DESC, t.id DESC"),
        (" name , -created_at ,", "t.name ASC, t.created_at DESC, t.id ASC"),
    ],
)
def test_an_order_is_total(asked, order):
    terms = order_terms(asked, FIELDS, "-created_at")

    assert str(order_by(terms, COLUMNS.__getitem__)) == f"ORDER BY {order}"


@pytest.mark.parametrize(
    "asked", ["password", "--name", "name,password", "NAME", "name;--", "t.id"]
)
def test_an_order_by_anything_else_lists_the_valid_fields(asked):
    with pytest.raises(Invalid) as wrong:
        order_terms(asked, FIELDS, "name")

    assert wrong.value.fields["ordering"][0].endswith("Valid choices: name, created_at.")


@pytest.mark.parametrize(
    ("page", "size", "limits", "asked"),
    [
        (None, None, "LIMIT 20 OFFSET 0", False),
        ("3", None, "LIMIT 20 OFFSET 40", True),
        ("2", "7", "LIMIT 7 OFFSET 7", True),
        (None, "1000", "LIMIT 100 OFFSET 0", True),
        (None, "9" * 19, "LIMIT 100 OFFSET 0", True),
        (None, "9" * 5000, "LIMIT 100 OFFSET 0", True),
        (None, "0" * 5000 + "7", "LIMIT 7 OFFSET 0", True),
        (None, "-5", "LIMIT 20 OFFSET 0", True),
        ("02", "x", "LIMIT 20 OFFSET 20", True),
    ],
)
async def test_a_page_becomes_limits(page, size, limits, asked):
    found = await provide_page(page, size)

    assert (str(found.limits()), found.asked) == (limits, asked)


@pytest.mark.parametrize(
    "page", ["0", "-1", "x", "", "1.0", "+1", "1e3", "²", "9" * 19, "9" * 5000]
)
async def test_a_page_that_cannot_exist_is_none(page):
    with pytest.raises(InvalidPage):
        await provide_page(page, None)


def test_the_last_page_exists_and_the_one_after_it_does_not():
    for number, count in ((1, 0), (1, 20), (2, 21)):
        Page(number, 20, asked=True).check(count)

    with pytest.raises(InvalidPage):
        Page(2, 20, asked=True).check(20)
