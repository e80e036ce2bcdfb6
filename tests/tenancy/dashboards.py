"""The dashboards of every project that the viewer sees (rulings 6.10).

The reports of those who oversee it are kept between two readers: what they say here, right after a
step, is what the model says.
"""

from collections.abc import Iterator
from typing import Any

from tests.tenancy import sight, views
from tests.tenancy.model import AGENTS, Model, Ticket
from tests.tenancy.sights import Sight, alike


def dashboards(model: Model, viewer: int) -> Iterator[Sight]:
    for project in sight.seen(model, viewer, "projects"):
        ids = sight.seen(model, viewer, "tickets")
        seen = [model.tickets[id] for id in ids if model.tickets[id].project == project]
        yield from _lists(model, viewer, project, seen)
        if sight.oversees(model, viewer, project):
            yield from _reports(model, project, seen)


def _lists(model: Model, viewer: int, project: int, seen: list[Ticket]) -> Iterator[Sight]:
    ids = {ticket.id for ticket in seen}
    newest = f"/tickets/dashboard/newest/?project={project}&limit=100"
    yield Sight(newest, ids, lambda found, _: {one["id"] for one in found})
    for slug, name in (("attention-needed", "id"), ("activity", "ticket")):
        path = f"/tickets/dashboard/{slug}/?project={project}&limit=100"
        yield Sight(path, set(), lambda found, _, name=name: _named(found, name) - ids)
    counts = {
        id: {"count": column["tickets_count"]}
        for id, column in views.columns_view(model, viewer).items()
        if column["project"] == project
    }
    board = f"/tickets/dashboard/kanban-summary/?project={project}"
    yield Sight(board, counts, lambda found, _: _known(counts, found["columns"]))


def _reports(model: Model, project: int, seen: list[Ticket]) -> Iterator[Sight]:
    tickets = [ticket for ticket in seen if not ticket.is_done]
    companies = {
        company.id: {
            "name": company.name,
            "open_tickets": len([one for one in tickets if one.company == company.id]),
        }
        for company in model.companies.values()
        if project in company.projects
    }
    health = f"/tickets/dashboard/company-health/?project={project}"
    yield Sight(health, companies, lambda found, _: alike(companies, found["companies"]))
    agents = {
        person: {"assigned_count": len([one for one in tickets if person in one.assignees])}
        for (where, person), held in model.roles.items()
        if where == project and held.role in AGENTS and model.people[person].active
    }
    workload = f"/tickets/dashboard/workload/?project={project}"
    yield Sight(workload, agents, lambda found, _: alike(agents, found["agents"]))


def _named(found: list[Any], name: str) -> set[int]:
    """A ticket that is deleted has no id any more."""
    return {one[name] for one in found if one[name] is not None}


def _known(expected: dict[int, Any], found: list[Any]) -> dict[int, Any]:
    """The model knows two columns of each board; in the others nothing lies."""
    return alike(expected, [one for one in found if one["id"] in expected or one["count"]])
