"""Projects with their boards, tags and contacts."""

import datetime as dt
from collections.abc import Sequence
from itertools import cycle

import msgspec

from ticketing_server.projects.actions import DEFAULT_COLUMNS
from ticketing_server.projects.column_actions import derived_category, slug

from .chance import FOUNDED, Chance
from .content import ProjectText
from .copying import Connection, copy, take_ids

PALETTE = ["#0052cc", "#36b37e", "#ff9800", "#9c27b0", "#de350b", "#00a3bf", "#6b778c", "#8777d9"]

PROJECT = "id name key description created_by created_at updated_at"
COLUMN = "id project name status category order color created_at updated_at"
TAG = "id project name description color created_at updated_at"
CONTACT = "id project name email phone title department description created_at updated_at"
TAG_CONTACT = "project tag contact role added_at"


class Column(msgspec.Struct, frozen=True):
    id: int
    name: str
    is_done: bool


class Project(msgspec.Struct, frozen=True):
    """`tags` are ids by name."""

    id: int
    text: ProjectText
    columns: list[Column]
    tags: dict[str, int]


async def add_projects(
    connection: Connection, chance: Chance, texts: Sequence[ProjectText], owner: int
) -> list[Project]:
    founded = chance.days_ago(FOUNDED)
    ids = await take_ids(connection, "project", len(texts))
    rows = [
        (id, text.name, text.key, text.description, owner, founded, founded)
        for id, text in zip(ids, texts, strict=True)
    ]
    await copy(connection, "project", PROJECT, rows)
    return [
        await _furnish(connection, id, text, founded) for id, text in zip(ids, texts, strict=True)
    ]


async def _furnish(connection: Connection, id: int, text: ProjectText, at: dt.datetime) -> Project:
    columns = await _add_columns(connection, id, text, at)
    tags = await _add_tags(connection, id, text, at)
    await _add_contacts(connection, id, text, tags, at)
    return Project(id, text, columns, tags)


async def _add_columns(
    connection: Connection, project: int, text: ProjectText, at: dt.datetime
) -> list[Column]:
    wanted = text.columns or [(name, color) for name, _, _, color in DEFAULT_COLUMNS]
    ids = await take_ids(connection, "board_column", len(wanted))
    rows = [
        (id, project, name, slug(name), derived_category(name, order), order, color, at, at)
        for order, (id, (name, color)) in enumerate(zip(ids, wanted, strict=True))
    ]
    await copy(connection, "board_column", COLUMN, rows)
    return [Column(id, name, category == "done") for id, _, name, _, category, *_ in rows]


async def _add_tags(
    connection: Connection, project: int, text: ProjectText, at: dt.datetime
) -> dict[str, int]:
    ids = await take_ids(connection, "tag", len(text.tags))
    rows = [
        (id, project, name, description, color, at, at)
        for id, (name, description), color in zip(
            ids, text.tags.items(), cycle(PALETTE), strict=False
        )
    ]
    await copy(connection, "tag", TAG, rows)
    return dict(zip(text.tags, ids, strict=True))


async def _add_contacts(
    connection: Connection,
    project: int,
    text: ProjectText,
    tags: dict[str, int],
    at: dt.datetime,
) -> None:
    ids = await take_ids(connection, "contact", len(text.contacts))
    contacts = list(zip(ids, text.contacts, strict=True))
    rows = [
        (id, project, c.name, c.email, c.phone, c.title, c.department, c.description, at, at)
        for id, c in contacts
    ]
    links = [
        (project, tags[tag], id, role, at) for id, c in contacts for tag, role in c.tags.items()
    ]
    await copy(connection, "contact", CONTACT, rows)
    await copy(connection, "tag_contact", TAG_CONTACT, links)
