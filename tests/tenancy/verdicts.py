"""Which status an action gets, from the rulings and the permission matrix of the reference.

Always in this order: what one does not see is not there (404 in a path, 400 in a body), what one
may not do is a 403, what is wrong in itself a 400, what the present state forbids a 409.
"""

from tests.tenancy import sight
from tests.tenancy.model import AGENTS, Model

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
