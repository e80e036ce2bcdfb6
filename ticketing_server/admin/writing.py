"""A form of the admin becomes a request to the API that says only what was changed."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from piccolo.columns import Timestamptz

from ticketing_server.admin.api import Api
from ticketing_server.admin.forms import Form
from ticketing_server.admin.sessions import Holder
from ticketing_server.admin.shown import SHOWN_AS
from ticketing_server.admin.writable import Door, door_of
from ticketing_server.core.db import Sql, scalar_or_none
from ticketing_server.core.errors import Forbidden, Invalid, NotFound

Values = Mapping[str, Any]

KEPT = frozenset({"id", "version"})
PRESENT = "SELECT to_jsonb(shown)::text FROM (SELECT {} FROM {} WHERE id = {{}}) AS shown"


async def change(holder: Holder, api: Api, table: str, id: int, sent: Values) -> None:
    """Raises NotFound, Stale, Invalid for what is read-only here, and whatever the API refuses."""
    door, present = _door(table), await _present(table, id)
    form = Form(holder, f"{table}/{id}", sent.get("version"))
    form.check(present.get("version"))
    changed = _changed(table, sent, present)
    if wrong := {name: why for name in changed if (why := door.explains(name))}:
        raise Invalid(wrong)
    if changed:
        body = {door.changes[name]: value for name, value in changed.items()}
        with _told_by_column(door):
            answer = await api.send("PATCH", f"{door.path}/{id}", body, versions=form.versions())
        await form.note_saved(answer["version"])


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


@contextmanager
def _told_by_column(door: Door) -> Generator[None]:
    """The API's fields under the names of the columns."""
    columns = {field: column for column, field in door.changes.items()}
    try:
        yield
    except Invalid as refused:
        told = {columns.get(field, field): said for field, said in refused.fields.items()}
        raise Invalid(told) from None


def _door(table: str) -> Door:
    if table not in SHOWN_AS:
        raise NotFound
    return door_of(table)


async def _present(table: str, id: int) -> Values:
    columns = ", ".join(f'"{name}"' for name in SHOWN_AS[table].columns.split())
    found = await scalar_or_none(Sql(PRESENT.format(columns, table), id), str)
    if found is None:
        raise NotFound
    return msgspec.json.decode(found)


def _changed(table: str, sent: Values, present: Values) -> Values:
    """A form sends every field as text, and cuts moments short; those are the server's anyway."""
    columns = SHOWN_AS[table].own_columns()
    moments = {column._meta.name for column in columns if isinstance(column, Timestamptz)}  # pyright: ignore[reportPrivateUsage]
    kept = KEPT | moments
    return {
        name: value
        for name, value in sent.items()
        if name not in kept and _text(value) != _text(present.get(name))
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
