"""Where columns stand and what they are called: pure functions, no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing_server.projects.column_actions import arranged, derived_category, slug

BOARD = {1: 0, 2: 1, 3: 2, 4: 3}


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        ({}, [1, 2, 3, 4]),
        ({4: 0}, [4, 1, 2, 3]),
        ({1: 3}, [2, 3, 1, 4]),
        ({1: 1, 2: 0}, [2, 1, 3, 4]),
        ({4: 1, 1: 1}, [4, 1, 2, 3]),
        ({2: 1_000_000}, [1, 3, 4, 2]),
        ({9: 1}, [1, 9, 2, 3, 4]),
    ],
)
def test_wanted_columns_stand_where_they_are_wanted_and_the_rest_around_them(wanted, order):
    final = arranged(BOARD, wanted)

    assert sorted(final, key=final.__getitem__) == order


def test_what_is_in_nobodys_way_stays_where_it_is():
    assert arranged({1: 0, 2: 5, 3: 9}, {1: 2}) == {1: 2, 2: 5, 3: 9}


PLACES = st.dictionaries(st.integers(1, 20), st.integers(0, 30))


@given(places=PLACES, wanted=PLACES)
def test_every_column_has_a_place_of_its_own(places, wanted):
    final = arranged(places, wanted)

    assert final.keys() == places.keys() | wanted.keys()
    assert len({*final.values()}) == len(final)
    assert min(final.values(), default=0) >= 0


@given(places=st.permutations(range(6)), wanted=PLACES)
def test_the_others_keep_their_old_order(places, wanted):
    old = dict(enumerate(places))
    others = [column for column in old if column not in wanted]

    final = arranged(old, wanted)

    assert sorted(others, key=old.__getitem__) == sorted(others, key=final.__getitem__)


@given(wanted=st.lists(st.integers(0, 30), unique=True).map(lambda places: dict(enumerate(places))))
def test_places_that_differ_are_given_as_wanted(wanted):
    assert arranged(dict.fromkeys(wanted, 0), wanted) == wanted


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("In Progress", "in_progress"),
        ("  QA -- 2nd round! ", "qa_2nd_round"),
        ("to_do", "to_do"),
        ("მიმდინარე საქმე", "მიმდინარე_საქმე"),
        ("Größe", "grösse"),
        ("?!", "column"),
    ],
)
def test_a_slug_is_words_joined_in_any_script(name, status):
    assert slug(name) == status


@given(st.text(max_size=255))
def test_a_slug_is_never_empty_and_its_own_slug(name):
    assert slug(name)
    assert slug(slug(name)) == slug(name)


@pytest.mark.parametrize(
    ("name", "order", "category"),
    [
        ("Done", 3, "done"),
        ("CLOSED", 0, "done"),
        ("Completed", 9, "done"),
        ("resolved", 1, "done"),
        ("Undone", 1, "in_progress"),
        ("Inbox", 0, "todo"),
        ("Inbox", 1, "in_progress"),
    ],
)
def test_a_category_follows_from_name_and_place(name, order, category):
    assert derived_category(name, order) == category
