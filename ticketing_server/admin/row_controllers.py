"""Doors to the rows of the admin: read by Piccolo, changed by the API."""

from typing import Any, ClassVar

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from ticketing_server.access.guards import AnyRequest, parsed_id
from ticketing_server.admin import writing
from ticketing_server.admin.api import Api
from ticketing_server.admin.guards import from_own_page, superuser_signed_in
from ticketing_server.admin.pages import Pages
from ticketing_server.admin.refusals import said_by_field
from ticketing_server.admin.sessions import Holder
from ticketing_server.core.body import check_media_type, json_object
from ticketing_server.core.errors import Refusal


class Reading(Controller):
    """Everything that a superuser may look at."""

    path = "/api"
    guards = [superuser_signed_in]

    @get(
        [
            "/user/",
            "/links/",
            "/forms/",
            "/forms/grouped/",
            "/tables/",
            "/tables/grouped/",
            "/tables/{table:str}/",
            "/tables/{table:str}/{row:str}/",
        ]
    )
    async def read(self, pages: NamedDependency[Pages]) -> ASGIApp:
        return pages


class Rows(Controller):
    """What a superuser changes, in their own name."""

    path = "/api/tables/{table:str}"
    guards = [from_own_page, superuser_signed_in]
    exception_handlers: ClassVar[Any] = {Refusal: said_by_field}

    @post("/")
    async def create(
        self, request: AnyRequest, api: NamedDependency[Api], table: FromPath[str]
    ) -> list[dict[str, int]]:
        return [{"id": await writing.create(api, table, await _fields(request))}]

    @patch("/{row:str}/")
    async def change(
        self,
        request: AnyRequest,
        holder: NamedDependency[Holder],
        api: NamedDependency[Api],
        pages: NamedDependency[Pages],
        table: FromPath[str],
        row: FromPath[str],
    ) -> ASGIApp:
        await writing.change(holder, api, table, parsed_id(row), await _fields(request))
        return pages.row(table, parsed_id(row))

    @delete("/{row:str}/")
    async def delete(
        self, api: NamedDependency[Api], table: FromPath[str], row: FromPath[str]
    ) -> None:
        await writing.delete(api, table, parsed_id(row))


async def _fields(request: AnyRequest) -> dict[str, Any]:
    check_media_type(request)
    return json_object(await request.body())
