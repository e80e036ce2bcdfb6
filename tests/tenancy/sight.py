"""Who sees what: rulings 4.4, 5.1 to 5.3, 6.2 and 6.7 once more, by nothing but the model.

A thing that is gone is seen by nobody.
"""

from tests.tenancy.model import AGENTS, OVERSEERS, Model


def oversees(model: Model, viewer: int, project: int) -> bool:
    return project in model.projects and model.may(viewer, project, *OVERSEERS)


def sees_ticket(model: Model, viewer: int, id: int) -> bool:
    """rulings 4.4"""
    ticket = model.tickets.get(id)
    if ticket is None:
        return False
    if oversees(model, viewer, ticket.project):
        return True
    is_theirs = viewer == ticket.reporter or viewer in ticket.assignees | ticket.followers
    is_user = model.role(viewer, ticket.project) == "user"
    return is_user and (is_theirs or ticket.company in model.companies_of(viewer))


def sees_company(model: Model, viewer: int, id: int) -> bool:
    """rulings 6.2: those that one belongs to, in a project in which one is a user."""
    company = model.companies.get(id)
    if company is None:
        return False
    is_user = bool(company.projects & model.projects_of(viewer, "user"))
    return knows_company(model, viewer, id) or (is_user and id in model.companies_of(viewer))


def knows_company(model: Model, viewer: int, id: int) -> bool:
    """With its people (rulings 6.2)."""
    if model.is_super(viewer):
        return True
    return any(oversees(model, viewer, project) for project in model.companies[id].projects)


def sees_everybody(model: Model, viewer: int) -> bool:
    return model.is_super(viewer) or model.people[viewer].staff


def sees_role(model: Model, viewer: int, project: int, person: int) -> bool:
    """That the person is in this project, and as what.

    A user of the project knows its agents and their own colleagues, and no other client's people.
    """
    if project not in model.projects:
        return False
    if sees_everybody(model, viewer) or viewer == person or oversees(model, viewer, project):
        return True
    is_user = model.role(viewer, project) == "user"
    is_agent = model.role(person, project) in AGENTS
    return is_user and (is_agent or bool(_shared(model, viewer, person, project)))


def knows_person(model: Model, viewer: int, id: int) -> bool:
    """With every field (rulings 6.7)."""
    if sees_everybody(model, viewer) or viewer == id or model.people[id].created_by == viewer:
        return True
    return any(oversees(model, viewer, project) for project in model.projects_of(id))


def sees_person(model: Model, viewer: int, id: int) -> bool:
    """With every field, or by name only (rulings 6.7)."""
    if id not in model.people:
        return False
    return knows_person(model, viewer, id) or _meets(model, viewer, id)


def _meets(model: Model, viewer: int, person: int) -> bool:
    return any(
        model.role(person, project) in AGENTS or _shared(model, viewer, person, project)
        for project in model.projects_of(viewer, "user")
    )


def _shared(model: Model, viewer: int, person: int, project: int) -> list[int]:
    """The viewer's companies in the project of which the person is a user."""
    return [
        company
        for company in model.companies_of(viewer)
        if project in model.companies[company].projects and person in model.companies[company].users
    ]


def sees_tag(model: Model, viewer: int, id: int) -> bool:
    """rulings 5.1"""
    return id in model.tags and model.is_member(viewer, model.tags[id].project)


def sees_contact(model: Model, viewer: int, id: int) -> bool:
    """rulings 5.2"""
    return id in model.contacts and oversees(model, viewer, model.contacts[id].project)


def sees_project(model: Model, viewer: int, id: int) -> bool:
    """rulings 3.2"""
    return model.is_member(viewer, id)


def sees_comment(model: Model, viewer: int, id: int) -> bool:
    """rulings 5.3"""
    return id in model.comments and sees_ticket(model, viewer, model.comments[id].ticket)


def sees_attachment(model: Model, viewer: int, id: int) -> bool:
    """rulings 5.4"""
    return id in model.attachments and sees_ticket(model, viewer, model.attachments[id].ticket)


SEES = {
    "people": sees_person,
    "projects": sees_project,
    "companies": sees_company,
    "tickets": sees_ticket,
    "tags": sees_tag,
    "contacts": sees_contact,
    "comments": sees_comment,
    "attachments": sees_attachment,
}


def seen(model: Model, viewer: int, noun: str) -> list[int]:
    """The ids of all that they see of a kind."""
    return [id for id in getattr(model, noun) if SEES[noun](model, viewer, id)]
