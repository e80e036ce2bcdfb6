"""Piccolo Admin over what is shown. Imported late: it brings FastAPI and Pydantic along."""

import datetime as dt
import logging
from typing import Any, cast

from piccolo.table import Table
from piccolo_admin.endpoints import AdminRouter, TableConfig, create_admin
from piccolo_api.crud.endpoints import OrderBy

from ticketing_server import tables
from ticketing_server.admin.classes import shown_classes
from ticketing_server.admin.sessions import holder_of
from ticketing_server.admin.shown import SHOWN, Shown, columns_of

# What Piccolo cannot answer it logs, as an error, and raises; it is told once, by us.
logging.getLogger("piccolo_admin.endpoints").setLevel(logging.CRITICAL)

NAME = "Ticketing Server"
HEAD = '<link rel="icon" href="data:,"><link rel="stylesheet" href="./admin.css"></head>'


class Sessions:
    """How Piccolo asks whose session it is."""

    @staticmethod
    async def get_user_id(token: str, increase_expiry: dt.timedelta | None = None) -> int | None:
        holder = await holder_of(token)
        return holder.id if holder else None


def build() -> AdminRouter:
    """An application that reads and never writes; signing in and out happens elsewhere."""
    classes = shown_classes()
    admin: AdminRouter = create_admin(
        [_configured(shown, classes[shown.table]) for shown in SHOWN],
        auth_table=_people(classes[tables.Account]),
        session_table=cast(Any, Sessions),
        read_only=True,
        auto_include_related=False,
        site_name=NAME,
        sidebar_links={"API documentation": "/api/docs/"},
    )
    admin.template = admin.template.replace("</head>", HEAD)
    return admin


def _people(account: type[Table]) -> Any:
    """Piccolo lets in whoever has `admin`; with us that is what a superuser is."""
    people: Any = account
    people.admin = property(lambda person: person.superuser)
    return people


def _configured(shown: Shown, table: type[Table]) -> TableConfig:
    descends = shown.order.startswith("-")
    by = columns_of(table, shown.order.removeprefix("-"))[0]
    return TableConfig(
        table_class=table,
        menu_group=shown.group,
        visible_columns=columns_of(table, shown.listed),
        visible_filters=columns_of(table, shown.filters),
        order_by=[OrderBy(column=by, ascending=not descends)],
        time_resolution={},
    )
