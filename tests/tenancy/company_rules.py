"""What people do to companies, and to who belongs to them."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.tenancy import ties, verdicts
from tests.tenancy.acting import ANY, RELATION, Acting
from tests.tenancy.gone import without
from tests.tenancy.model import Company, Person
from tests.tenancy.sight import sees_person

COMPANIES, COMPANY = "/tickets/companies/", "/tickets/companies/{}/"
SEVERAL = st.lists(ANY, min_size=1, max_size=2)


class CompanyRules(Acting):
    @rule(actor=ANY, projects=SEVERAL)
    def create_company(self, actor: int, projects: list[int]) -> None:
        if person := self.person(actor):
            places = {self.pick("projects", one) for one in projects}
            name = self.name("Company")
            expected = verdicts.to_create_company(self.model, person.id, places)
            body = {"name": name, "project_ids": sorted(places)}
            if made := self.act(person, "POST", COMPANIES, None, expected, body):
                self.model.add("companies", Company(made["id"], name, places))

    @rule(actor=ANY, company=ANY)
    def rename_company(self, actor: int, company: int) -> None:
        if person := self.person(actor):
            id, name = self.pick("companies", company), self.name("Company")
            expected = verdicts.to_edit_company(self.model, person.id, id)
            if self.act(person, "PATCH", COMPANY, id, expected, {"name": name}):
                self.model.companies[id].name = name

    @rule(actor=ANY, company=ANY, projects=SEVERAL)
    def move_company(self, actor: int, company: int, projects: list[int]) -> None:
        if person := self.person(actor):
            id = self.pick("companies", company)
            wanted = {self.pick("projects", one) for one in projects}
            expected = verdicts.to_move_company(self.model, person.id, id, wanted)
            body = {"project_ids": sorted(wanted)}
            if self.act(person, "PATCH", COMPANY, id, expected, body):
                moved = self.model.companies[id]
                left, added = moved.projects - wanted, wanted - moved.projects
                for project in added:
                    ties.enter(self.model, moved, project)
                ties.quit_projects(self.model, moved, left)

    @rule(actor=ANY, company=ANY)
    def delete_company(self, actor: int, company: int) -> None:
        if person := self.person(actor):
            id = self.pick("companies", company)
            expected = verdicts.to_edit_company(self.model, person.id, id, 204)
            self.act(person, "DELETE", COMPANY, id, expected)
            if expected == 204 and person.active:
                gone = self.model.companies[id]
                ties.quit_projects(self.model, gone, list(gone.projects))
                without(self.model, "companies", [id])

    @rule(actor=ANY, company=ANY, whom=ANY, relation=RELATION)
    def assign_member(self, actor: int, company: int, whom: int, relation: str) -> None:
        if person := self.person(actor):
            id, user = self.pick("companies", company), self.pick("people", whom)
            expected = verdicts.to_edit_company(self.model, person.id, id)
            if expected == 200 and not sees_person(self.model, person.id, user):
                expected = 400
            door, body = f"{COMPANY}assign_{relation}/", {"user_id": user}
            if self.act(person, "POST", door, id, expected, body, names="user_id"):
                ties.join(self.model, self.model.companies[id], user, relation)

    @rule(actor=ANY, company=ANY, whom=ANY, relation=RELATION)
    def remove_member(self, actor: int, company: int, whom: int, relation: str) -> None:
        if person := self.person(actor):
            id = self.pick("companies", company)
            user = self._member(id, relation, whom)
            expected = verdicts.to_edit_company(self.model, person.id, id)
            if expected == 200 and user not in self.model.companies[id].of(relation):
                expected = 400
            door, body = f"{COMPANY}remove_{relation}/", {"user_id": user}
            if self.act(person, "POST", door, id, expected, body, names="user_id"):
                ties.leave(self.model, self.model.companies[id], user, relation)

    @rule(actor=ANY, company=ANY)
    def create_client(self, actor: int, company: int) -> None:
        if person := self.person(actor):
            id, name = self.pick("companies", company), self.name("client")
            expected = verdicts.to_edit_company(self.model, person.id, id, 201)
            body = {"username": name, "email": f"{name}@example.com", "password": "Vt7!qpwm-zzk"}
            if made := self.act(person, "POST", COMPANY + "create_user/", id, expected, body):
                theirs = self.model.companies[id]
                new = Person(made["user"]["id"], name, created_by=person.id)
                new.created_in = min(theirs.projects)
                self.model.add("people", new)
                ties.join(self.model, theirs, new.id, "user")

    def _member(self, company: int, relation: str, which: int) -> int:
        """Mostly somebody who is there."""
        found = self.model.companies.get(company)
        there = sorted(found.of(relation)) if found else []
        return there[which % len(there)] if there and which % 4 else self.pick("people", which)
