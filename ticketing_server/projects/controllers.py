"""Doors to projects and columns."""

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, asker_of, requires, signed_in
from ticketing_server.access.matrix import MATRIX, Action
from ticketing_server.access.reading import read
from ticketing_server.core.entity import Entity, IfMatch
from ticketing_server.core.listing import (
    ListResponse,
    Page,
    PageNumber,
    PageSize,
    bare,
    cut,
    page_of,
)
from ticketing_server.core.parameters import Ids
from ticketing_server.projects import actions, column_actions, queries
from ticketing_server.projects.lookups import (
    Place,
    column_in_path,
    columns_in_body,
    project_for,
    project_in_path,
    provide_move_to,
)
from ticketing_server.projects.structs import (
    BoardColumnRow,
    ColumnNew,
    ColumnOut,
    ColumnPatch,
    Permissions,
    ProjectNew,
    ProjectOut,
    ProjectPatch,
    Reorder,
    Reordered,
)


class Projects(Controller):
    """Projects of the caller."""

    path = "/tickets/projects"
    tags = ("Projects",)

    @get("/", guards=[signed_in], response_class=ListResponse)
    async def list_page(
        self, request: AnyRequest, actor: NamedDependency[Actor], paging: NamedDependency[Page]
    ) -> list[ProjectOut]:
        return cut(request, paging, await queries.list_projects(actor))

    @post("/", guards=[signed_in], response_class=Entity)
    async def create(self, actor: NamedDependency[Actor], data: JSONBody[ProjectNew]) -> ProjectOut:
        project = await actions.create(actor, data)
        return await queries.show_project(actor.joining(project), project)

    @get(
        "/{id:str}/",
        guards=[requires(Action.VIEW_PROJECT, on=project_in_path)],
        response_class=Entity,
    )
    async def show(
        self, actor: NamedDependency[Actor], resource: NamedDependency[Place]
    ) -> ProjectOut:
        return await queries.show_project(actor, resource.project)

    @patch(
        "/{id:str}/",
        guards=[requires(Action.EDIT_PROJECT, on=project_in_path)],
        response_class=Entity,
    )
    async def update(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[Place],
        data: JSONBody[ProjectPatch],
        widgets: NamedDependency[frozenset[str]],
        if_match: NamedDependency[IfMatch],
    ) -> ProjectOut:
        await actions.update(actor, resource.project, data, widgets, if_match)
        return await queries.show_project(actor, resource.project)

    @delete("/{id:str}/", guards=[requires(Action.DELETE_PROJECT, on=project_in_path)])
    async def delete(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[Place],
        if_match: NamedDependency[IfMatch],
    ) -> None:
        await actions.delete(actor, resource.project, if_match)

    @get("/{id:str}/permissions/", guards=[requires(Action.VIEW_PROJECT, on=project_in_path)])
    async def permissions(
        self, actor: NamedDependency[Actor], resource: NamedDependency[Place]
    ) -> Permissions:
        allowed = [action for action in MATRIX if actor.may(action, resource.project)]
        return Permissions(role=actor.roles.get(resource.project), actions=allowed)


class Columns(Controller):
    """The kanban columns of the caller's boards."""

    path = "/tickets/columns"
    tags = ("Columns",)

    @read("/", response_class=ListResponse)
    async def list_page(
        self,
        request: AnyRequest,
        project: Ids = None,
        page: PageNumber = None,
        page_size: PageSize = None,
    ) -> list[ColumnOut]:
        paging = page_of(page, page_size)
        found = await queries.list_columns(asker_of(request), project, paging)
        return bare(request, paging, *found)

    @post(
        "/",
        guards=[requires(Action.MANAGE_COLUMNS, on=project_for(Action.MANAGE_COLUMNS))],
        response_class=Entity,
    )
    async def create(
        self,
        actor: NamedDependency[Actor],
        place: NamedDependency[Place],
        data: JSONBody[ColumnNew],
    ) -> ColumnOut:
        return await queries.show_column(actor, await column_actions.create(place.project, data))

    @post(
        "/reorder/",
        guards=[requires(Action.MANAGE_COLUMNS, on=columns_in_body)],
        status_code=200,
    )
    async def reorder(self, place: NamedDependency[Place], data: JSONBody[Reorder]) -> Reordered:
        await column_actions.reorder(place.project, data.order)
        return Reordered()

    @get(
        "/{id:str}/",
        guards=[requires(Action.VIEW_PROJECT, on=column_in_path)],
        response_class=Entity,
    )
    async def show(
        self, actor: NamedDependency[Actor], resource: NamedDependency[BoardColumnRow]
    ) -> ColumnOut:
        return await queries.show_column(actor, resource.id)

    @patch(
        "/{id:str}/",
        guards=[requires(Action.MANAGE_COLUMNS, on=column_in_path)],
        response_class=Entity,
    )
    async def update(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[BoardColumnRow],
        data: JSONBody[ColumnPatch],
        if_match: NamedDependency[IfMatch],
    ) -> ColumnOut:
        await column_actions.update(resource, data, if_match)
        return await queries.show_column(actor, resource.id)

    @delete(
        "/{id:str}/",
        guards=[requires(Action.MANAGE_COLUMNS, on=column_in_path)],
        dependencies={"destination": provide_move_to},
    )
    async def delete(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[BoardColumnRow],
        destination: NamedDependency[BoardColumnRow | None],
        if_match: NamedDependency[IfMatch],
    ) -> None:
        await column_actions.delete(actor, resource, destination, if_match)
