"""Which status an action on somebody's account or role gets (rulings 6.7 to 6.9)."""

from tests.tenancy import sight
from tests.tenancy.model import Model
from tests.tenancy.ties import would_be_nobodys


def to_create_user(model: Model, actor: int, project: int | None) -> int:
    if project is None:
        if sight.sees_everybody(model, actor):
            return 201
        owned = model.projects_of(actor, "superadmin")
        return 201 if len(owned) == 1 else 400 if owned else 403
    if not sight.sees_project(model, actor, project):
        is_nobody = not sight.sees_everybody(model, actor) and not model.projects_of(actor)
        return 403 if is_nobody else 400
    return 201 if model.may(actor, project, "superadmin") else 403


def to_rename_user(model: Model, actor: int, id: int) -> int:
    if not sight.sees_person(model, actor, id):
        return 404
    helps = model.people[actor].staff and _is_ordinary(model, id)
    return 200 if actor == id or helps or _manages(model, actor, id) else 403


def to_end_account(model: Model, actor: int, id: int, status: int) -> int:
    """Deactivating or deleting it."""
    if not sight.sees_person(model, actor, id):
        return 404
    if actor == id:
        return 409
    if not _manages(model, actor, id):
        return 403
    ends = model.people[id].active and any(
        would_be_nobodys(model, project, id) for project in model.projects_of(id)
    )
    return 409 if ends else status


def to_set_password(model: Model, actor: int, id: int) -> int:
    """With one that is too weak: who may change it is told that, and nobody is locked out."""
    if not sight.sees_person(model, actor, id):
        return 404
    return 400 if actor == id or _manages(model, actor, id) else 403


def to_assign_role(model: Model, actor: int, id: int, project: int, role: str) -> int:
    if (status := _to_touch_role(model, actor, id, project)) != 200:
        return status
    held = model.role(id, project)
    if held == "superadmin" != role and would_be_nobodys(model, project, id):
        return 409
    return 200 if held else 201


def to_remove_role(model: Model, actor: int, id: int, project: int) -> int:
    if (status := _to_touch_role(model, actor, id, project)) != 200:
        return status
    if (project, id) not in model.roles:
        return 404
    return 409 if would_be_nobodys(model, project, id) else 200


def _to_touch_role(model: Model, actor: int, id: int, project: int) -> int:
    if not sight.sees_person(model, actor, id):
        return 404
    if not sight.sees_project(model, actor, project):
        return 400
    return 200 if model.may(actor, project, "superadmin") and actor != id else 403


def _is_ordinary(model: Model, id: int) -> bool:
    person = model.people[id]
    return not person.staff and not person.superuser


def _manages(model: Model, actor: int, id: int) -> bool:
    """rulings 6.8: adding somebody to a project must never be a way to take their account over."""
    if model.is_super(actor):
        return True
    owned = model.projects_of(actor, "superadmin")
    is_theirs = model.people[id].created_in in owned and model.projects_of(id) <= owned
    return is_theirs and _is_ordinary(model, id)
