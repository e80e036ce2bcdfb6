"""Which status an action gets, from the rulings and the permission matrix of the reference.

Always in this order: what one does not see is not there (404 in a path, 400 in a body), what one
may not do is a 403, what is wrong in itself a 400, what the present state forbids a 409.
"""

from tests.tenancy import sight
from tests.tenancy.model import AGENTS, Model
from tests.tenancy.ties import would_be_nobodys

WORKERS = ("superadmin", "admin", "user")


# Tickets (rulings 4.4 to 4.7)


def to_create_ticket(model: Model, actor: int, project: int) -> int:
    if not sight.sees_project(model, actor, project):
        return 400
    return 201 if model.may(actor, project, *WORKERS) else 403


def to_edit_ticket(model: Model, actor: int, id: int) -> int:
    if not sight.sees_ticket(model, actor, id):
        return 404
    ticket = model.tickets[id]
    is_own = actor == ticket.reporter or actor in ticket.assignees
    return 200 if model.may(actor, ticket.project, *(WORKERS if is_own else WORKERS[:1])) else 403


def to_assign_ticket(model: Model, actor: int, id: int) -> int:
    if not sight.sees_ticket(model, actor, id):
        return 404
    return 200 if model.may(actor, model.tickets[id].project, *AGENTS) else 403


def to_delete_ticket(model: Model, actor: int, id: int) -> int:
    if not sight.sees_ticket(model, actor, id):
        return 404
    ticket = model.tickets[id]
    is_own = actor == ticket.reporter
    return 204 if model.may(actor, ticket.project, *(WORKERS if is_own else WORKERS[:1])) else 403


def is_assignable(model: Model, project: int, person: int) -> bool:
    return model.role(person, project) in WORKERS


def may_name_company(model: Model, actor: int, project: int, company: int) -> bool:
    """rulings 4.6: of the project, and for role user one of their own."""
    here = {one.id for one in model.companies.values() if project in one.projects}
    return company in (here if sight.oversees(model, actor, project) else own(model, actor, here))


def default_company(model: Model, actor: int, project: int) -> int | None:
    """rulings 4.6: a user's only one."""
    here = {one.id for one in model.companies.values() if project in one.projects}
    only = own(model, actor, here)
    is_limited = not sight.oversees(model, actor, project)
    return next(iter(only)) if is_limited and len(only) == 1 else None


def own(model: Model, actor: int, companies: set[int]) -> set[int]:
    return companies & model.companies_of(actor)


# Comments and attachments (rulings 5.3, 5.4)


def to_edit_comment(model: Model, actor: int, id: int) -> int:
    if not sight.sees_comment(model, actor, id):
        return 404
    return 200 if actor == model.comments[id].author else 403


def to_delete_comment(model: Model, actor: int, id: int) -> int:
    if not sight.sees_comment(model, actor, id):
        return 404
    comment = model.comments[id]
    project = model.tickets[comment.ticket].project
    return 204 if actor == comment.author or model.may(actor, project, "superadmin") else 403


def to_delete_attachment(model: Model, actor: int, id: int) -> int:
    if not sight.sees_attachment(model, actor, id):
        return 404
    attachment = model.attachments[id]
    project = model.tickets[attachment.ticket].project
    return 204 if actor == attachment.uploader or model.may(actor, project, "superadmin") else 403


# What lies in one project: tags, contacts (rulings 5.1, 5.2), the project itself (3.2)


def to_create_in(model: Model, actor: int, project: int, *roles: str) -> int:
    if not sight.sees_project(model, actor, project):
        return 400
    return 201 if model.may(actor, project, *roles) else 403


def to_change(model: Model, actor: int, noun: str, id: int, *roles: str, status: int = 200) -> int:
    if not sight.SEES[noun](model, actor, id):
        return 404
    project = id if noun == "projects" else getattr(model, noun)[id].project
    return status if model.may(actor, project, *roles) else 403


def to_create_project(model: Model, actor: int) -> int:
    """rulings 3.1"""
    is_newcomer = not model.projects_of(actor) and not model.companies_of(actor)
    is_owner = bool(model.projects_of(actor, "superadmin"))
    return 201 if model.is_super(actor) or is_owner or is_newcomer else 403


# Companies (rulings 6.1)


def to_create_company(model: Model, actor: int, projects: set[int]) -> int:
    if not all(sight.sees_project(model, actor, one) for one in projects):
        return 400
    return 201 if _is_superadmin_of(model, actor, projects) else 403


def to_edit_company(model: Model, actor: int, id: int, status: int = 200) -> int:
    if not sight.sees_company(model, actor, id):
        return 404
    return status if _is_superadmin_of(model, actor, model.companies[id].projects) else 403


def to_move_company(model: Model, actor: int, id: int, wanted: set[int]) -> int:
    if (status := to_edit_company(model, actor, id)) != 200:
        return status
    added = to_create_company(model, actor, wanted - model.companies[id].projects)
    return 200 if added == 201 else added


def _is_superadmin_of(model: Model, actor: int, projects: set[int]) -> bool:
    return all(model.may(actor, project, "superadmin") for project in projects)


# People (rulings 6.7 to 6.9)


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
