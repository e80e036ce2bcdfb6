"""A form of the admin becomes a request to the API that says only what was changed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ticketing_server.admin.api import Api
from ticketing_server.admin.shown import READ_ONLY, kept_columns, shown_columns
from ticketing_server.admin.writable import WRITABLE, Door
from ticketing_server.core.db import Sql, scalar_or_none
from ticketing_server.core.errors import Forbidden, Invalid, NotFound

Values = Mapping[str, Any]

PRESENT = "SELECT to_jsonb(shown)::text FROM (SELECT {} FROM {} WHERE id = {{}}) AS shown"


async def change(api: Api, table: str, id: int, sent: Values) -> None:
    """Raises NotFound, Invalid for what is read-only here, and whatever the API refuses.

    The version that the form was filled from goes along, so that nobody's change is undone unseen.
    """
    door = _door(table)
    changed = _changed(table, sent, await _present(table, id))
    if wrong := {name: READ_ONLY for name in changed if name not in door.changes}:
        raise Invalid(wrong)
    if not changed:
        return
    body = {door.changes[name]: value for name, value in changed.items()}
    try:
        await api.send("PATCH", f"{door.path}/{id}", body, version=sent.get("version"))
    except Invalid as refused:
        columns = {field: column for column, field in door.changes.items()}
        told = {columns.get(field, field): said for field, said in refused.fields.items()}
        raise Invalid(told) from None


async def create(api: Api, table: str, sent: Values) -> int:
    """The id of a new row; what is left empty is for the API to fill. Raises Forbidden, Invalid."""
    door = _door(table)
    if not door.creates:
        raise Forbidden("Rows of this table are not added here.")
    body = {name: sent[name] for name in door.creates if _text(sent.get(name))}
    return (await api.send("POST", door.path, body))["id"]


async def delete(api: Api, table: str, id: int) -> None:
    """With everything that the API takes away with it. Raises Forbidden, NotFound, Conflict."""
    door = _door(table)
    if not door.deletes:
        raise Forbidden("Rows of this table are not deleted here.")
    await api.send("DELETE", f"{door.path}/{id}")


def _door(table: str) -> Door:
    if table not in shown_columns():
        raise NotFound
    return WRITABLE.get(table, Door(""))


async def _present(table: str, id: int) -> Values:
    columns = ", ".join(f'"{name}"' for name in shown_columns()[table])
    found = await scalar_or_none(Sql(PRESENT.format(columns, table), id), str)
    if found is None:
        raise NotFound
    return msgspec.json.decode(found)


def _changed(table: str, sent: Values, present: Values) -> Values:
    """A form sends every field as text, and cuts moments short; those are the server's anyway."""
    kept = kept_columns(table)
    return {
        name: value
        for name, value in sent.items()
        if name not in kept and _text(value) != _text(present.get(name))
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
