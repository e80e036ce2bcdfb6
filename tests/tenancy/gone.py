"""What goes with a thing that goes (rulings 3.2, 6.8)."""

from collections.abc import Iterable

from tests.tenancy.model import Model


def without(model: Model, noun: str, ids: Iterable[int]) -> None:
    """Things that are gone, each with what hangs on it."""
    for id in list(ids):
        getattr(model, noun).pop(id)
        FORGET.get(noun, lambda *_: None)(model, id)


def _ticket_gone(model: Model, ticket: int) -> None:
    without(model, "comments", model.of_ticket("comments", ticket))
    without(model, "attachments", model.of_ticket("attachments", ticket))


def _tag_gone(model: Model, tag: int) -> None:
    for ticket in model.tickets.values():
        ticket.tags.discard(tag)


def _contact_gone(model: Model, contact: int) -> None:
    for tag in model.tags.values():
        tag.contacts.discard(contact)


def _company_gone(model: Model, company: int) -> None:
    for ticket in model.tickets.values():
        ticket.company = None if ticket.company == company else ticket.company


def _project_gone(model: Model, project: int) -> None:
    """Everything in it; a company goes with its last project."""
    for noun in ("tickets", "tags", "contacts"):
        things = getattr(model, noun).values()
        without(model, noun, [one.id for one in things if one.project == project])
    for company in model.companies.values():
        company.projects.discard(project)
    without(model, "companies", [one.id for one in model.companies.values() if not one.projects])
    model.roles = {place: held for place, held in model.roles.items() if place[0] != project}
    for person in model.people.values():
        person.created_in = None if person.created_in == project else person.created_in


def _person_gone(model: Model, person: int) -> None:
    """Their work stays, without a name (rulings 6.8)."""
    model.roles = {place: held for place, held in model.roles.items() if place[1] != person}
    for company in model.companies.values():
        company.admins.discard(person)
        company.users.discard(person)
    for ticket in model.tickets.values():
        ticket.reporter = None if ticket.reporter == person else ticket.reporter
        ticket.assignees.discard(person)
        ticket.followers.discard(person)
    for comment in model.comments.values():
        comment.author = None if comment.author == person else comment.author
    for attachment in model.attachments.values():
        attachment.uploader = None if attachment.uploader == person else attachment.uploader
    for other in model.people.values():
        other.created_by = None if other.created_by == person else other.created_by


FORGET = {
    "tickets": _ticket_gone,
    "tags": _tag_gone,
    "contacts": _contact_gone,
    "companies": _company_gone,
    "projects": _project_gone,
    "people": _person_gone,
}
