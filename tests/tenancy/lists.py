"""Every list, with its counts, searches and filters."""

from collections.abc import Callable, Iterator

from tests.tenancy import sight, views
from tests.tenancy.dashboards import dashboards
from tests.tenancy.model import Model
from tests.tenancy.sights import Sight, alike, listed

Room = Callable[[Model, int], Iterator[Sight]]


def _tickets(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.tickets[id] for id in sight.seen(model, viewer, "tickets")]
    yield listed("/tickets/tickets/", {t.id: views.ticket_view(model, viewer, t) for t in seen})
    for narrowed, tickets in {
        "following=true": [t for t in seen if viewer in t.followers],
        **{f"search={t.name}": [t] * (t in seen) for t in list(model.tickets.values())[-1:]},
        **{f"tags={tag}": [t for t in seen if tag in t.tags] for tag in list(model.tags)[-1:]},
        **{f"company={id}": [t for t in seen if t.company == id] for id in model.companies},
        **{f"project={id}": [t for t in seen if t.project == id] for id in model.projects},
        f"assignee={viewer}": [t for t in seen if viewer in t.assignees],
        f"reporter={viewer}": [t for t in seen if viewer == t.reporter],
    }.items():
        yield listed(f"/tickets/tickets/?{narrowed}", {t.id: {} for t in tickets})


def _columns(model: Model, viewer: int) -> Iterator[Sight]:
    expected = views.columns_view(model, viewer)
    yield Sight(
        "/tickets/columns/",
        expected,
        lambda found, _: alike(
            expected, [one for one in found if one["id"] in expected or one["tickets_count"]]
        ),
    )


def _companies(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.companies[id] for id in sight.seen(model, viewer, "companies")]
    expected = {one.id: views.company_item_view(model, viewer, one) for one in seen}
    yield listed("/tickets/companies/", expected)
    for project in model.projects:
        is_seen = sight.sees_project(model, viewer, project)
        there = [one.id for one in seen if is_seen and project in one.projects]
        yield listed(f"/tickets/companies/?project={project}", {id: {} for id in there})


def _people(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.people[id] for id in sight.seen(model, viewer, "people")]
    expected = {one.id: views.person_view(model, viewer, one) for one in seen}
    yield listed("/tickets/users/", expected)
    # Nobody finds by what they may not see.
    found = [one.id for one in seen if views.email(model, viewer, one.id)]
    yield listed("/tickets/users/?search=example.com", {id: {} for id in found})


def _tags(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.tags[id] for id in sight.seen(model, viewer, "tags")]
    yield listed("/tickets/tags/", {one.id: views.tag_view(model, viewer, one) for one in seen})


def _contacts(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.contacts[id] for id in sight.seen(model, viewer, "contacts")]
    expected = {one.id: {"name": one.name, "project": one.project} for one in seen}
    yield listed("/tickets/contacts/", expected)


def _projects(model: Model, viewer: int) -> Iterator[Sight]:
    seen = [model.projects[id] for id in sight.seen(model, viewer, "projects")]
    expected = {one.id: views.project_view(model, viewer, one) for one in seen}
    yield Sight("/tickets/projects/", expected, lambda found, _: alike(expected, found))


LISTS = [_tickets, _columns, _companies, _people, _tags, _contacts, _projects, dashboards]
