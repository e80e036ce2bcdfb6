"""What people do to projects, and to the tags and contacts in them."""

from hypothesis.stateful import rule

from tests.tenancy import ties, verdicts
from tests.tenancy.acting import ANY, Acting
from tests.tenancy.gone import without
from tests.tenancy.model import AGENTS, Contact, Project, Tag

PROJECTS, PROJECT = "/tickets/projects/", "/tickets/projects/{}/"
TAGS, TAG = "/tickets/tags/", "/tickets/tags/{}/"
CONTACTS, CONTACT = "/tickets/contacts/", "/tickets/contacts/{}/"
OWNER = "superadmin"


class ProjectRules(Acting):
    @rule(actor=ANY)
    def open_project(self, actor: int) -> None:
        person = self.person(actor)
        if person and len(self.model.projects) < 3:
            key = self.name("P").upper()
            expected = verdicts.to_create_project(self.model, person.id)
            if made := self.act(
                person, "POST", PROJECTS, None, expected, {"name": key, "key": key}
            ):
                new, *_, done = self.act(
                    person, "GET", f"/tickets/columns/?project={made['id']}", None, 200
                )
                self.model.add("projects", Project(made["id"], key, new["id"], done["id"]))
                ties.grant(self.model, made["id"], person.id, OWNER)

    @rule(actor=ANY)
    def delete_project(self, actor: int) -> None:
        """The newest, and not the last two: without any there is nothing to do."""
        id = self.model.ever["projects"][-1]
        person = self.person(actor)
        if person and len(self.model.ever["projects"]) > 2:
            expected = verdicts.to_change(self.model, person.id, "projects", id, OWNER, status=204)
            self.act(person, "DELETE", PROJECT, id, expected)
            if expected == 204 and person.active:
                without(self.model, "projects", [id])

    @rule(actor=ANY, project=ANY)
    def create_tag(self, actor: int, project: int) -> None:
        if person := self.person(actor):
            where, name = self.pick("projects", project), self.name("Tag")
            expected = verdicts.to_create_in(self.model, person.id, where, OWNER)
            body = {"name": name, "project": where}
            if made := self.act(person, "POST", TAGS, None, expected, body, names="project"):
                self.model.add("tags", Tag(made["id"], where, name))

    @rule(actor=ANY, tag=ANY)
    def rename_tag(self, actor: int, tag: int) -> None:
        if person := self.person(actor):
            id, name = self.pick("tags", tag), self.name("Tag")
            expected = verdicts.to_change(self.model, person.id, "tags", id, OWNER)
            if self.act(person, "PATCH", TAG, id, expected, {"name": name}):
                self.model.tags[id].name = name

    @rule(actor=ANY, tag=ANY)
    def delete_tag(self, actor: int, tag: int) -> None:
        if person := self.person(actor):
            id = self.pick("tags", tag)
            expected = verdicts.to_change(self.model, person.id, "tags", id, OWNER, status=204)
            self.act(person, "DELETE", TAG, id, expected)
            if expected == 204 and person.active:
                without(self.model, "tags", [id])

    @rule(actor=ANY, tag=ANY, contact=ANY)
    def add_contact(self, actor: int, tag: int, contact: int) -> None:
        if person := self.person(actor):
            id, whom, model = self.pick("tags", tag), self.pick("contacts", contact), self.model
            expected = verdicts.to_change(model, person.id, "tags", id, OWNER, status=201)
            if expected == 201:
                is_there = whom in model.contacts
                is_there &= is_there and model.contacts[whom].project == model.tags[id].project
                expected = (200 if whom in model.tags[id].contacts else 201) if is_there else 400
            door, body = TAG + "add_contact/", {"contact_id": whom}
            if self.act(person, "POST", door, id, expected, body, names="contact_id"):
                model.tags[id].contacts.add(whom)

    @rule(actor=ANY, tag=ANY, contact=ANY)
    def remove_contact(self, actor: int, tag: int, contact: int) -> None:
        if person := self.person(actor):
            id, whom, model = self.pick("tags", tag), self.pick("contacts", contact), self.model
            expected = verdicts.to_change(model, person.id, "tags", id, OWNER)
            if expected == 200 and whom not in model.tags[id].contacts:
                expected = 400
            door, body = TAG + "remove_contact/", {"contact_id": whom}
            if self.act(person, "POST", door, id, expected, body, names="contact_id"):
                model.tags[id].contacts.remove(whom)

    @rule(actor=ANY, project=ANY)
    def create_contact(self, actor: int, project: int) -> None:
        if person := self.person(actor):
            where, name = self.pick("projects", project), self.name("Contact")
            expected = verdicts.to_create_in(self.model, person.id, where, *AGENTS)
            body = {"name": name, "project": where}
            if made := self.act(person, "POST", CONTACTS, None, expected, body, names="project"):
                self.model.add("contacts", Contact(made["id"], where, name))

    @rule(actor=ANY, contact=ANY)
    def rename_contact(self, actor: int, contact: int) -> None:
        if person := self.person(actor):
            id, name = self.pick("contacts", contact), self.name("Contact")
            expected = verdicts.to_change(self.model, person.id, "contacts", id, *AGENTS)
            if self.act(person, "PATCH", CONTACT, id, expected, {"name": name}):
                self.model.contacts[id].name = name

    @rule(actor=ANY, contact=ANY)
    def delete_contact(self, actor: int, contact: int) -> None:
        if person := self.person(actor):
            id = self.pick("contacts", contact)
            expected = verdicts.to_change(self.model, person.id, "contacts", id, OWNER, status=204)
            self.act(person, "DELETE", CONTACT, id, expected)
            if expected == 204 and person.active:
                without(self.model, "contacts", [id])
