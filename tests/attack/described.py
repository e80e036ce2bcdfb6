"""Every request that the API's description knows, made up to be right in the world of the tests.

What is tried on each operation is generated from here, so that none can be forgotten.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.conftest import make_settings
from tests.pictures import drawn
from tests.world import World, add_attachment, add_comment, add_contact, add_tag
from ticketing_server.app import describe
from ticketing_server.core.db import Sql, execute
from ticketing_server.core.structs import BIGGEST

Schema = dict[str, Any]
Ids = dict[str, int]
JSON, FORM = "application/json", "multipart/form-data"

# Which room an id belongs to, by the name of the field or parameter that holds it. A new name adds
# its own line: `room_of` fails for one that is not here.
ROOMS = {
    "account": "users",
    "admin_ids": "users",
    "assignee": "users",
    "assignee_ids": "users",
    "column": "columns",
    "company": "companies",
    "contact_id": "contacts",
    "id": "columns",
    "move_to": "columns",
    "project": "projects",
    "project_id": "projects",
    "project_ids": "projects",
    "reporter": "users",
    "tag_ids": "tags",
    "tags": "tags",
    "ticket": "tickets",
    "user": "users",
    "user_id": "users",
    "user_ids": "users",
}
# What a description cannot say so that a body made from it is right.
TEXTS = {
    "color": "#0052cc",
    "email": "somebody@example.org",
    "key": "MOB",
    "password": "a good long passphrase",
    "password_confirm": "a good long passphrase",
    "primary_contact_email": "somebody@example.org",
    "username": "somebody",
}


class Operation(NamedTuple):
    """`fields` are those of its body, by name."""

    method: str
    path: str
    described: Schema

    @property
    def body(self) -> Schema | None:
        """Its body's schema."""
        content = self.described.get("requestBody", {}).get("content", {})
        return resolved(content[self.media_type]["schema"]) if content else None

    @property
    def media_type(self) -> str:
        return JSON if JSON in self.media_types else FORM

    @property
    def media_types(self) -> list[str]:
        """In which its body may come."""
        return list(self.described.get("requestBody", {}).get("content", {}))

    @property
    def queries(self) -> list[Schema]:
        return [one for one in self.described["parameters"] if one["in"] == "query"]

    def address(self, ids: Ids) -> str:
        """Its path below /api, with an id of its room in place of `{id}`."""
        room = self.path.partition("/{")[0].rpartition("/")[2]
        bare = self.path.removeprefix("/api")
        return bare.format(id=ids.get(room), invitation=1)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


@functools.cache
def document() -> Schema:
    return describe(make_settings())


@functools.cache
def operations() -> list[Operation]:
    return [
        Operation(method, path, described)
        for path, item in document()["paths"].items()
        for method, described in item.items()
    ]


def sent(operation: Operation, media_type: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a client is told to send; in a form with a picture wherever it takes a file."""
    if media_type == JSON:
        return {"json": body}
    assert operation.body
    fields = operation.body["properties"]
    files = [name for name, field in fields.items() if is_file(field)]
    texts = {name: value for name, value in body.items() if name not in files}
    return {"data": texts, "files": {name: ("a.png", drawn()) for name in files}}


def resolved(schema: Schema) -> Schema:
    if "$ref" in schema:
        return document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def is_id(schema: Schema) -> bool:
    return schema.get("minimum") == 1 and schema.get("maximum") == BIGGEST


def is_file(schema: Schema) -> bool:
    return any(one.get("format") == "binary" for one in within(schema))


def ids_in(schema: Schema) -> Iterator[str]:
    """The names of the fields that hold an id, or several."""
    for name, field in resolved(schema).get("properties", {}).items():
        inner = [resolved(one) for one in within(field)]
        if any(map(is_id, inner)):
            yield name
        for one in inner:
            yield from ids_in(one)


def within(schema: Schema) -> Iterator[Schema]:
    """The schema itself, its alternatives, and the items of its lists."""
    yield schema
    for one in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
        yield from within(resolved(one))


def made_up(schema: Schema, ids: Ids, name: str = "", wanted: str = "") -> Any:
    """A right value: of an object, what is required, and the field that is wanted."""
    schema = resolved(schema)
    if is_id(schema):
        return ids[ROOMS[name]]
    if "anyOf" in schema:
        return made_up(schema["anyOf"][0], ids, name, wanted)
    if "enum" in schema:
        return schema["enum"][-1]
    makers: dict[str, Callable[[], Any]] = {
        "array": lambda: [made_up(schema["items"], ids, name, wanted)],
        "boolean": lambda: True,
        "integer": lambda: schema.get("minimum", 1),
        "object": lambda: _object(schema, ids, wanted),
        "string": lambda: TEXTS.get(name) or "Somebody"[: schema.get("maxLength")],
    }
    return makers[schema["type"]]()


def _object(schema: Schema, ids: Ids, wanted: str) -> dict[str, Any]:
    return {
        name: made_up(field, ids, name, wanted)
        for name, field in schema["properties"].items()
        if name in schema["required"] or name == wanted
    }


async def own(world: World) -> Ids:
    """What lies in alice's own project, by room; some of it is made for the purpose."""
    uma, acme = world.people["uma"], world.companies["Acme"]
    tag = await add_tag(world.project, "Nikora")
    await execute(
        Sql(
            "INSERT INTO company_member (company, account, relation) VALUES ({}, {}, 'admin')",
            acme,
            uma,
        )
    )
    return {
        "attachments": await add_attachment(world.project, world.printer, uma, "own.txt"),
        "columns": world.columns["Review"],
        "comments": await add_comment(world.project, world.printer, uma, "It jams."),
        "companies": acme,
        "contacts": await add_contact(world.project, "Giorgi", "", tag),
        "projects": world.project,
        "tags": tag,
        "tickets": world.printer,
        "users": uma,
    }
