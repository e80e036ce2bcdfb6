"""Fragments of SQL are put together with their values apart."""

import pytest
from piccolo.querystring import QueryString

from ticketing_server.core.db.sql import Later, Prepared, Sql, joined, literal


def test_values_are_numbered_in_the_order_of_the_text():
    inner = Sql("b = {} AND c = {}", 2, [3])

    text, values = Sql("a = {} AND {} AND d = {}", 1, inner, "4").compile_string()

    assert text == "a = $1 AND b = $2 AND c = $3 AND d = $4"
    assert values == [1, 2, [3], "4"]


def test_braces_of_the_text_itself_are_doubled():
    assert Sql("'{{}}' = {}", 1).compile_string() == ("'{}' = $1", [1])


def test_a_fragment_of_piccolos_own_fits_in():
    text, values = Sql("{} AND a = {}", QueryString("b = {}", 1), 2).compile_string()

    assert (text, values) == ("b = $1 AND a = $2", [1, 2])


def test_a_number_can_be_written_into_the_text_and_what_is_joined_keeps_its_values():
    parts = [Sql("a = {}", "x"), Sql("LIMIT {}", literal(20))]

    assert joined(" ", parts).compile_string() == ("a = $1 LIMIT 20", ["x"])


def test_a_prepared_statement_takes_its_values_each_time():
    inner = Sql("b = {} AND c = {}", Later(1), "kept")
    prepared = Prepared(Sql("a = {} AND {} AND d = {}", Later(0), inner, Later(1)))

    first, second = (prepared.given(*values).compile_string() for values in [(1, 2), (3, 4)])

    assert first == ("a = $1 AND b = $2 AND c = $3 AND d = $4", [1, 2, "kept", 2])
    assert second == (first[0], [3, 4, "kept", 4])


def test_a_prepared_statement_is_no_fragment():
    with pytest.raises(AttributeError):
        Sql("{} AND b", Prepared(Sql("a")).given()).compile_string()
