"""The one who asks, and the one spelling of "may they"."""

import msgspec

from ticketing_server.access.matrix import MATRIX, Action, Role, roles_allowed
from ticketing_server.core.errors import Forbidden


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated account with its roles by project, and the companies it belongs to."""

    id: int
    superuser: bool = False
    staff: bool = False
    roles: dict[int, Role] = {}
    companies: list[int] = []

    def may(self, action: Action, project: int) -> bool:
        """Superusers pass every check that some role passes (rulings 3.3)."""
        allowed = MATRIX[action]
        return bool(allowed) and (self.superuser or self.roles.get(project) in allowed)

    def require(self, action: Action, project: int) -> None:
        """Raises Forbidden, saying what was missing (rulings 1.13)."""
        if not self.may(action, project):
            raise self.refusal(action, project)

    def refusal(self, action: Action, project: int) -> Forbidden:
        return Forbidden(
            action=action, role=self.roles.get(project), roles_allowed=roles_allowed(action)
        )

    def projects_where(self, action: Action) -> list[int]:
        """The projects in which a *role* allows the action; a superuser's flag is not a role."""
        return [project for project, role in self.roles.items() if role in MATRIX[action]]

    def joining(self, project: int) -> "Actor":
        """The actor as superadmin of a project that they have just opened."""
        return msgspec.structs.replace(self, roles={**self.roles, project: Role.SUPERADMIN})

    def is_member(self, project: int) -> bool:
        return self.superuser or project in self.roles
