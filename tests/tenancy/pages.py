"""Every page of one thing, and every door to it."""

from collections.abc import Iterator

from tests.tenancy import views
from tests.tenancy.model import Model
from tests.tenancy.sights import Sight, alike, shown, spoken


def _ticket_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    ticket = model.tickets[id]
    yield shown(f"/tickets/tickets/{id}/", views.ticket_view(model, viewer, ticket))
    yield Sight(f"/tickets/tickets/{id}/history/", None, lambda *_: None)
    said = {one: views.comment_view(model, viewer, one) for one in model.of_ticket("comments", id)}
    yield Sight(
        f"/tickets/comments/?ticket={id}",
        said,
        lambda found, _: {one["id"]: spoken(one) for one in found},
    )
    attached = model.of_ticket("attachments", id)
    yield Sight(
        f"/tickets/attachments/?ticket={id}", attached, lambda found, _: [a["id"] for a in found]
    )


def _company_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    company, door = model.companies[id], f"/tickets/companies/{id}/"
    yield shown(door, views.company_page_view(model, viewer, company))
    yield shown(f"{door}stats/", views.stats_view(model, viewer, company))
    tickets = sorted(views.tickets_of_company(model, viewer, id))
    yield Sight(f"{door}tickets/", tickets, lambda found, _: sorted(t["id"] for t in found))


def _person_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    view = views.person_view(model, viewer, model.people[id])
    yield shown(f"/tickets/users/{id}/", view)
    yield Sight(
        f"/tickets/users/{id}/roles/",
        view["project_roles"],
        lambda found, _: sorted((one["project_id"], one["role"]) for one in found["roles"]),
    )


def _tag_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    yield shown(f"/tickets/tags/{id}/", views.tag_view(model, viewer, model.tags[id]))
    contacts = views.contacts_of_tag(model, viewer, id)
    yield Sight(
        f"/tickets/tags/{id}/contacts/",
        sorted(contacts),
        lambda found, _: sorted(one["contact"]["id"] for one in found["results"]),
    )


def _contact_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    yield shown(f"/tickets/contacts/{id}/", {"name": model.contacts[id].name})


def _project_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    door = f"/tickets/projects/{id}/"
    yield shown(door, views.project_view(model, viewer, model.projects[id]))
    yield shown(f"{door}permissions/", {"role": model.role(viewer, id)})
    members = views.members_view(model, viewer, id)
    yield Sight(f"{door}members/", members, lambda found, _: alike(members, found))


def _comment_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    said = views.comment_view(model, viewer, id)
    yield Sight(f"/tickets/comments/{id}/", said, lambda found, _: spoken(found))


def _attachment_pages(model: Model, viewer: int, id: int) -> Iterator[Sight]:
    yield shown(f"/tickets/attachments/{id}/", {"ticket": model.attachments[id].ticket})


PAGES = {
    "tickets": _ticket_pages,
    "companies": _company_pages,
    "people": _person_pages,
    "tags": _tag_pages,
    "contacts": _contact_pages,
    "projects": _project_pages,
    "comments": _comment_pages,
    "attachments": _attachment_pages,
}
# Every way to ask for one thing, hidden or not.
DOORS = {
    "tickets": [
        "/tickets/tickets/{}/",
        "/tickets/tickets/{}/history/",
        "/tickets/comments/?ticket={}",
        "/tickets/attachments/?ticket={}",
    ],
    "companies": [f"/tickets/companies/{{}}/{door}" for door in ("", "stats/", "tickets/")],
    "people": ["/tickets/users/{}/", "/tickets/users/{}/roles/"],
    "tags": ["/tickets/tags/{}/", "/tickets/tags/{}/contacts/"],
    "contacts": ["/tickets/contacts/{}/"],
    "projects": [f"/tickets/projects/{{}}/{door}" for door in ("", "members/", "permissions/")],
    "comments": ["/tickets/comments/{}/"],
    "attachments": ["/tickets/attachments/{}/"],
}
