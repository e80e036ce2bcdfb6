"""How roles come and go: by hand, through companies, by invitation (rulings 3.4, 6.3, 6.9)."""

from collections.abc import Iterable

from tests.tenancy.model import Company, Held, Model

RANK = ["user", "manager", "admin", "superadmin"]


def grant(model: Model, project: int, person: int, role: str) -> None:
    """By hand: in place of any other."""
    model.roles[project, person] = Held(role, granted=role)


def join(model: Model, company: Company, person: int, relation: str) -> None:
    company.of(relation).add(person)
    for project in company.projects:
        _give(model, project, person, relation)


def leave(model: Model, company: Company, person: int, relation: str) -> None:
    company.of(relation).remove(person)
    for project in company.projects:
        _take_back(model, project, person)


def enter(model: Model, company: Company, project: int) -> None:
    """The company comes to be in a project."""
    company.projects.add(project)
    for relation in ("admin", "user"):
        for person in company.of(relation):
            _give(model, project, person, relation)


def quit_projects(model: Model, company: Company, projects: Iterable[int]) -> None:
    """The company is no longer in these projects, and no ticket there is for it."""
    for project in projects:
        company.projects.discard(project)
        for ticket in model.tickets.values():
            if (ticket.project, ticket.company) == (project, company.id):
                ticket.company = None
        for person in company.admins | company.users:
            _take_back(model, project, person)


def accept(model: Model, project: int, person: int, role: str) -> None:
    """An existing higher role is not lowered, and what was granted is remembered (6.3, 6.9)."""
    held = model.roles.get((project, person))
    if held is None:
        return grant(model, project, person, role)
    held.role = _higher(held.role, role)
    held.granted = _higher(held.granted, role) if held.granted else role


def would_be_nobodys(model: Model, project: int, person: int) -> bool:
    """rulings 3.4: they are its last active superadmin."""
    return model.superadmins(project) == {person}


def _give(model: Model, project: int, person: int, relation: str) -> None:
    """rulings 6.3: admin unless superadmin is held; user unless any role is held."""
    held = model.roles.get((project, person))
    if held is None:
        model.roles[project, person] = Held(relation, granted=None)
    elif relation == "admin" and held.role != "superadmin":
        held.role = "admin"


def _take_back(model: Model, project: int, person: int) -> None:
    """What no other company and no explicit assignment justifies; it never raises a role."""
    held = model.roles.get((project, person))
    if held is None or held.role == held.granted or held.role in ("superadmin", "manager"):
        return
    here = [one for one in model.companies.values() if project in one.projects]
    if held.role == "admin" and any(person in one.admins for one in here):
        return
    is_user = any(person in one.users | one.admins for one in here)
    left = held.granted or ("user" if is_user else None)
    if left is None:
        del model.roles[project, person]
    elif held.role == "admin":
        held.role = left


def _higher(one: str, other: str) -> str:
    return max(one, other, key=RANK.index)
