"""`search` in lists that are short enough to be read through: tags, contacts, people."""

from collections.abc import Sequence

from ticketing_server.core.db import Sql


def containing(search: str, fields: Sequence[str]) -> Sql:
    """Each word of the search stands somewhere in the fields, in any case; no wildcards."""
    whole = " || E'\\n' || ".join(fields)
    return Sql(
        f"lower({whole}) LIKE ALL (ARRAY(SELECT lower(w) FROM unnest({{}}::text[]) AS w))",
        [f"%{_plain(word)}%" for word in search.split()],
    )


def _plain(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
