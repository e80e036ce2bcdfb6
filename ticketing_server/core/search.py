"""`search` in lists that are short enough to be read through: tags, contacts, people."""

from collections.abc import Sequence

from ticketing_server.core.db import Sql
from ticketing_server.core.errors import Invalid
from ticketing_server.core.text import UnfitText, clean

LONGEST_SEARCH = 500


def searchable(search: str | None) -> str:
    """The query parameter as it is looked for; "" where it is not given. Raises Invalid."""
    try:
        text = clean(search or "")
    except UnfitText as error:
        raise Invalid(search=str(error)) from None
    if len(text) > LONGEST_SEARCH:
        raise Invalid(search=f"Ensure this field has no more than {LONGEST_SEARCH} characters.")
    return text


def containing(search: str, fields: Sequence[str]) -> Sql:
    """Each word of the search stands somewhere in the fields, in any case; no wildcards."""
    whole = " || E'\\n' || ".join(fields)
    return Sql(
        f"lower({whole}) LIKE ALL (ARRAY(SELECT lower(w) FROM unnest({{}}::text[]) AS w))",
        [f"%{_plain(word)}%" for word in search.split()],
    )


def _plain(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
