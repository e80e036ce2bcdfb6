"""`ordering` of a list: words become terms, terms become ORDER BY (rulings 1.5)."""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from msgspec import Meta

from ticketing_server.core.db import Sql
from ticketing_server.core.errors import Invalid


class Term(NamedTuple):
    """One field to order by."""

    field: str
    is_descending: bool

    def turned(self) -> "Term":
        return Term(self.field, not self.is_descending)


def ordered_by(fields: Collection[str]) -> Meta:
    """What may stand in `ordering`, for the API's description."""
    word = rf"\s*(-?({'|'.join(fields)})\s*)?"
    return Meta(
        description="Fields, comma-separated; `-` before one turns it around.",
        extra_json_schema={"pattern": f"^{word}(,{word})*$"},
    )


def order_terms(text: str | None, fields: Collection[str], default: str) -> list[Term]:
    """`-created_at,name`, and then `id` so that the order is total.

    Raises Invalid on `ordering`, with the valid fields.
    """
    wanted = [word.strip() for word in (text or default).split(",") if word.strip()]
    if unknown := [word for word in wanted if word.removeprefix("-") not in fields]:
        valid = ", ".join(fields)
        raise Invalid(ordering=f'"{unknown[0]}" is not a valid choice. Valid choices: {valid}.')
    terms = [Term(word.removeprefix("-"), word.startswith("-")) for word in wanted]
    return [*terms, Term("id", bool(terms) and terms[0].is_descending)]


def order_by(terms: Iterable[Term], column_of: Callable[[str], str]) -> Sql:
    """`column_of` gives the SQL of a field, `id` included."""
    listed = [f"{column_of(one.field)} {'DESC' if one.is_descending else 'ASC'}" for one in terms]
    return Sql("ORDER BY " + ", ".join(listed))
