"""Doors to companies."""

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.guards import AnyRequest, parsed_id, requires_in_all, signed_in
from ticketing_server.access.matrix import Action
from ticketing_server.companies import actions, queries, stats_queries
from ticketing_server.companies.logos import IN_FORM
from ticketing_server.companies.lookups import company_in_path, projects_in_body
from ticketing_server.companies.structs import (
    CompanyItem,
    CompanyNew,
    CompanyOut,
    CompanyPatch,
    CompanyRow,
    CompanyStats,
    Places,
)
from ticketing_server.core.entity import Entity, IfMatch
from ticketing_server.core.listing import ListResponse, Page, Paged, paged
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.picture_forms import PICTURE
from ticketing_server.core.media.signatures import MediaLinks
from ticketing_server.core.parameters import Ids, searched


class Companies(Controller):
    """The companies that the caller sees."""

    path = "/tickets/companies"
    tags = ("Companies",)

    @get("/", guards=[signed_in], response_class=ListResponse)
    async def list_page(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        links: NamedDependency[MediaLinks],
        paging: NamedDependency[Page],
        project: Ids = None,
        search: FromQuery[str | None] = None,
    ) -> Paged[CompanyItem]:
        text = searched(search)
        results, count = await queries.list_page(actor, project, text, paging, links)
        return paged(request, paging, count, results)

    @post(
        "/",
        guards=[requires_in_all(Action.CREATE_COMPANY, on=projects_in_body)],
        response_class=Entity,
        opt={PICTURE: IN_FORM},
    )
    async def create(
        self,
        actor: NamedDependency[Actor],
        place: NamedDependency[Places],
        storage: NamedDependency[Storage],
        links: NamedDependency[MediaLinks],
        data: JSONBody[CompanyNew],
    ) -> CompanyOut:
        created = await actions.create(actor, place.projects, data, storage)
        return await queries.show(actor, created, links)

    @get("/{id:str}/", guards=[signed_in], response_class=Entity)
    async def show(
        self,
        actor: NamedDependency[Actor],
        links: NamedDependency[MediaLinks],
        id: FromPath[str],
    ) -> CompanyOut:
        return await queries.show(actor, parsed_id(id), links)

    @patch(
        "/{id:str}/",
        guards=[requires_in_all(Action.EDIT_COMPANY, on=company_in_path)],
        response_class=Entity,
        opt={PICTURE: IN_FORM},
    )
    async def update(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CompanyRow],
        storage: NamedDependency[Storage],
        links: NamedDependency[MediaLinks],
        data: JSONBody[CompanyPatch],
        if_match: NamedDependency[IfMatch],
    ) -> CompanyOut:
        await actions.update(actor, resource, data, if_match, storage)
        return await queries.show(actor, resource.id, links)

    @delete("/{id:str}/", guards=[requires_in_all(Action.DELETE_COMPANY, on=company_in_path)])
    async def delete(
        self,
        actor: NamedDependency[Actor],
        resource: NamedDependency[CompanyRow],
        storage: NamedDependency[Storage],
        if_match: NamedDependency[IfMatch],
    ) -> None:
        await actions.delete(actor, resource, if_match, storage)

    @get("/{id:str}/stats/", guards=[signed_in])
    async def stats(
        self,
        actor: NamedDependency[Actor],
        id: FromPath[str],
        project: Ids = None,
    ) -> CompanyStats:
        return await stats_queries.show_stats(actor, parsed_id(id), project)
