"""What each answer should say to a viewer, as far as it tells of other people's things."""

from typing import Any

from tests.tenancy import sight
from tests.tenancy.model import Company, Model, Person, Project, Tag, Ticket

View = dict[str, Any]


def ticket_view(model: Model, viewer: int, ticket: Ticket) -> View:
    return {
        "project": ticket.project,
        "company": ticket.company,
        "company_name": ticket.company and model.companies[ticket.company].name,
        "reporter": ticket.reporter,
        "assignee_ids": sorted(ticket.assignees),
        "following": viewer in ticket.followers,
        "tag_ids": sorted(ticket.tags),
        "comments_count": len(model.of_ticket("comments", ticket.id)),
    }


def company_view(model: Model, viewer: int, company: Company) -> View:
    projects = [one for one in company.projects if sight.sees_project(model, viewer, one)]
    return {
        "name": company.name,
        "admin_count": len(company.admins),
        "user_count": len(company.users),
        "ticket_count": len(tickets_of_company(model, viewer, company.id)),
        "project_count": len(projects),
        "project_ids": sorted(projects),
    }


def company_item_view(model: Model, viewer: int, company: Company) -> View:
    knows = sight.knows_company(model, viewer, company.id)
    names = [model.people[one].name for one in company.admins] if knows else []
    return company_view(model, viewer, company) | {"admin_names": sorted(names)}


def company_page_view(model: Model, viewer: int, company: Company) -> View:
    knows = sight.knows_company(model, viewer, company.id)
    return company_view(model, viewer, company) | {
        "admins": sorted(company.admins) if knows else [],
        "users": sorted(company.users) if knows else [],
    }


def stats_view(model: Model, viewer: int, company: Company) -> View:
    tickets = [model.tickets[one] for one in tickets_of_company(model, viewer, company.id)]
    return {
        "total_tickets": len(tickets),
        "open_tickets": len([one for one in tickets if not one.is_done]),
        "admin_count": len(company.admins),
        "user_count": len(company.users),
    }


def person_view(model: Model, viewer: int, person: Person) -> View:
    """By name only, every other field is null and every list empty (rulings 6.7)."""
    knows = sight.knows_person(model, viewer, person.id)
    return {
        "username": person.name,
        "email": email(model, viewer, person.id),
        "is_active": person.active if knows else None,
        "is_staff": person.staff if knows else None,
        "is_superuser": person.superuser if knows else None,
        "project_roles": sorted(roles_view(model, viewer, person.id)) if knows else [],
        "administered_companies": _companies(model, viewer, person.id, "admin") if knows else [],
        "member_companies": _companies(model, viewer, person.id, "user") if knows else [],
    }


def roles_view(model: Model, viewer: int, person: int) -> list[tuple[int, str]]:
    held = [(project, one.role) for (project, who), one in model.roles.items() if who == person]
    return [one for one in held if sight.sees_role(model, viewer, one[0], person)]


def email(model: Model, viewer: int, person: int) -> str | None:
    knows = sight.knows_person(model, viewer, person)
    return f"{model.people[person].name}@example.com" if knows else None


def members_view(model: Model, viewer: int, project: int) -> dict[int, View]:
    there = [who for where, who in model.roles if where == project]
    return {
        who: {"role": model.role(who, project), "email": email(model, viewer, who)}
        for who in there
        if sight.sees_role(model, viewer, project, who)
    }


def tag_view(model: Model, viewer: int, tag: Tag) -> View:
    tagged = [one.id for one in model.tickets.values() if tag.id in one.tags]
    return {
        "name": tag.name,
        "project": tag.project,
        "tickets_count": len([one for one in tagged if sight.sees_ticket(model, viewer, one)]),
        "contacts_count": len(contacts_of_tag(model, viewer, tag.id)),
    }


def project_view(model: Model, viewer: int, project: Project) -> View:
    return {"key": project.key, "role": model.role(viewer, project.id)}


def columns_view(model: Model, viewer: int) -> dict[int, View]:
    """Of each project the two columns that the model knows."""
    return {
        column: {"project": project, "tickets_count": len(_in_column(model, viewer, column))}
        for project in sight.seen(model, viewer, "projects")
        for column in (model.projects[project].new, model.projects[project].done)
    }


def comment_view(model: Model, viewer: int, id: int) -> View:
    author = model.comments[id].author
    return {"user": author, "email": author and email(model, viewer, author)}


def tickets_of_company(model: Model, viewer: int, company: int) -> list[int]:
    seen = sight.seen(model, viewer, "tickets")
    return [id for id in seen if model.tickets[id].company == company]


def contacts_of_tag(model: Model, viewer: int, tag: int) -> list[int]:
    return [one for one in model.tags[tag].contacts if sight.sees_contact(model, viewer, one)]


def _companies(model: Model, viewer: int, person: int, relation: str) -> list[int]:
    everything = sight.sees_everybody(model, viewer)
    return sorted(
        company.id
        for company in model.companies.values()
        if person in company.of(relation)
        and (everything or sight.sees_company(model, viewer, company.id))
    )


def _in_column(model: Model, viewer: int, column: int) -> list[int]:
    seen = [model.tickets[id] for id in sight.seen(model, viewer, "tickets")]
    return [one.id for one in seen if column == _column(model, one)]


def _column(model: Model, ticket: Ticket) -> int:
    project = model.projects[ticket.project]
    return project.done if ticket.is_done else project.new
