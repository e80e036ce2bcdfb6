"""What people do to one another's accounts and roles."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.tenancy import people_verdicts as verdicts
from tests.tenancy import ties
from tests.tenancy.acting import ANY, ROLE, Acting
from tests.tenancy.gone import without
from tests.tenancy.model import Person
from tests.tenancy.verdicts import to_change

USERS, USER = "/tickets/users/", "/tickets/users/{}/"
INVITATIONS, ACCEPT = "/tickets/projects/{}/invitations/", "/tickets/invitations/accept/"


class PeopleRules(Acting):
    @rule(actor=ANY, project=st.none() | ANY)
    def create_user(self, actor: int, project: int | None) -> None:
        if person := self.person(actor):
            where = None if project is None else self.pick("projects", project)
            name = self.name("new")
            body = {"username": name, "email": f"{name}@example.com", "password": "Vt7!qpwm-zzk"}
            body |= {} if where is None else {"project": where}
            expected = verdicts.to_create_user(self.model, person.id, where)
            if made := self.act(person, "POST", USERS, None, expected, body, names="project"):
                new = Person(made["id"], name, created_by=person.id, created_in=where)
                if where is None and not (person.staff or person.superuser):
                    (new.created_in,) = self.model.projects_of(person.id, "superadmin")
                self.model.add("people", new)

    @rule(actor=ANY, whom=ANY)
    def rename_user(self, actor: int, whom: int) -> None:
        if person := self.person(actor):
            id = self.pick("people", whom)
            expected = verdicts.to_rename_user(self.model, person.id, id)
            self.act(person, "PATCH", USER, id, expected, {"last_name": ""})

    @rule(actor=ANY, whom=ANY)
    def toggle_active(self, actor: int, whom: int) -> None:
        if person := self.person(actor):
            id = self.pick("people", whom)
            expected = verdicts.to_end_account(self.model, person.id, id, 200)
            if self.act(person, "POST", USER + "toggle_active/", id, expected):
                other = self.model.people[id]
                other.active, other.epoch = not other.active, other.epoch + other.active

    @rule(actor=ANY, whom=ANY)
    def delete_user(self, actor: int, whom: int) -> None:
        if person := self.person(actor):
            id = self.pick("people", whom)
            expected = verdicts.to_end_account(self.model, person.id, id, 204)
            self.act(person, "DELETE", USER, id, expected)
            if expected == 204 and person.active:
                without(self.model, "people", [id])

    @rule(actor=ANY, whom=ANY)
    def set_password(self, actor: int, whom: int) -> None:
        if person := self.person(actor):
            id = self.pick("people", whom)
            expected = verdicts.to_set_password(self.model, person.id, id)
            body = {"password": "short"}
            self.act(person, "POST", USER + "set_password/", id, expected, body)

    @rule(actor=ANY, whom=ANY, project=ANY, role=ROLE)
    def assign_role(self, actor: int, whom: int, project: int, role: str) -> None:
        if person := self.person(actor):
            id, where = self.pick("people", whom), self.pick("projects", project)
            expected = verdicts.to_assign_role(self.model, person.id, id, where, role)
            body = {"project_id": where, "role": role}
            door = USER + "assign_role/"
            if self.act(person, "POST", door, id, expected, body, names="project_id"):
                ties.grant(self.model, where, id, role)

    @rule(actor=ANY, whom=ANY, project=ANY)
    def remove_role(self, actor: int, whom: int, project: int) -> None:
        if person := self.person(actor):
            id, where = self.pick("people", whom), self.pick("projects", project)
            expected = verdicts.to_remove_role(self.model, person.id, id, where)
            # Somebody who is seen and holds no role is told that, not that they are nothing.
            is_without_role = expected == 404 and id in self.model.people
            path = USER.format(id) if is_without_role else USER
            known = None if is_without_role else id
            door, body = path + "remove_role/", {"project_id": where}
            if self.act(person, "POST", door, known, expected, body, names="project_id"):
                del self.model.roles[where, id]

    @rule(actor=ANY, project=ANY, role=ROLE, whom=ANY)
    def invite(self, actor: int, project: int, role: str, whom: int) -> None:
        """And accept at once."""
        person, guest = self.person(actor), self.person(whom)
        if person and guest:
            id = self.pick("projects", project)
            expected = to_change(self.model, person.id, "projects", id, "superadmin", status=201)
            made = self.act(person, "POST", INVITATIONS, id, expected, {"role": role})
            body = {"token": made["token"] if made else "made up"}
            if self.act(guest, "POST", ACCEPT, None, 200 if made else 400, body):
                ties.accept(self.model, id, guest.id, role)
