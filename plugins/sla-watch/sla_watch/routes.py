"""`/api/plugins/sla-watch/projects/{id}/targets/`: who sees reports reads, superadmins set."""

from litestar import Controller, get, put
from litestar.config.app import AppConfig
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.plugins import InitPlugin

from ticketing_server.plugins import Action, Place, project_in_path, requires

from . import targets
from .targets import TargetsIn, TargetsOut


class Targets(Controller):
    """The targets of one project."""

    path = "/projects/{id:str}/targets"

    @get("/", guards=[requires(Action.VIEW_REPORTS, on=project_in_path)])
    async def show(self, resource: NamedDependency[Place]) -> TargetsOut:
        return await targets.show(resource.project)

    @put("/", guards=[requires(Action.EDIT_PROJECT, on=project_in_path)])
    async def replace(
        self, resource: NamedDependency[Place], data: JSONBody[TargetsIn]
    ) -> TargetsOut:
        await targets.replace(resource.project, data.targets)
        return await targets.show(resource.project)


class TargetRoutes(InitPlugin):
    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.route_handlers.append(Targets)
        return app_config
