"""Doors to the logos themselves."""

from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from ticketing_server.access.guards import AnyRequest
from ticketing_server.companies.logos import FOLDER
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.picture_response import picture_response


class LogoFiles(Controller):
    """Public, at addresses that nobody guesses (rulings 5.5)."""

    path = f"/{FOLDER}"
    tags = ("Media",)

    @get("/{name:str}")
    async def show(
        self, request: AnyRequest, storage: NamedDependency[Storage], name: FromPath[str]
    ) -> Response[Any]:
        return await picture_response(request, storage, FOLDER, name)

    @get("/thumbs/{name:str}")
    async def show_thumbnail(
        self, request: AnyRequest, storage: NamedDependency[Storage], name: FromPath[str]
    ) -> Response[Any]:
        return await picture_response(request, storage, f"{FOLDER}/thumbs", name)
