"""What people do to tickets, and say and attach there."""

from urllib.parse import urlsplit

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.tenancy import verdicts
from tests.tenancy.acting import ANY, Acting
from tests.tenancy.gone import without
from tests.tenancy.model import Attachment, Comment, Ticket
from tests.tenancy.sight import sees_project, sees_ticket

TICKETS, TICKET = "/tickets/tickets/", "/tickets/tickets/{}/"
COMMENTS, COMMENT = "/tickets/comments/", "/tickets/comments/{}/"
ATTACHMENTS, ATTACHMENT = "/tickets/attachments/", "/tickets/attachments/{}/"


class TicketRules(Acting):
    @rule(actor=ANY, project=ANY, company=st.none() | ANY)
    def open_ticket(self, actor: int, project: int, company: int | None) -> None:
        model, person, where = self.model, self.person(actor), self.pick("projects", project)
        if person is None or (place := model.projects.get(where)) is None:
            return
        body = {"name": self.name("Ticket"), "column": place.new}
        expected, client = verdicts.to_create_ticket(model, person.id, where), None
        if company is not None:
            client = body["company"] = self.pick("companies", company)
            if expected == 201 and not verdicts.may_name_company(model, person.id, where, client):
                expected = 400
        else:
            client = verdicts.default_company(model, person.id, where)
        named = (
            "company" if "company" in body and sees_project(model, person.id, where) else "column"
        )
        made = self.act(person, "POST", TICKETS, None, expected, body, names=named)
        if made:
            model.add("tickets", Ticket(made["id"], where, body["name"], person.id, client))

    @rule(actor=ANY, ticket=ANY)
    def rename_ticket(self, actor: int, ticket: int) -> None:
        if person := self.person(actor):
            id, name = self.pick("tickets", ticket), self.name("Ticket")
            expected = verdicts.to_edit_ticket(self.model, person.id, id)
            if self.act(person, "PATCH", TICKET, id, expected, {"name": name}):
                self.model.tickets[id].name = name

    @rule(actor=ANY, ticket=ANY, is_done=st.booleans())
    def move_ticket(self, actor: int, ticket: int, is_done: bool) -> None:
        if person := self.person(actor):
            id = self.pick("tickets", ticket)
            expected = verdicts.to_edit_ticket(self.model, person.id, id)
            body = {"column": self._column(id, is_done)}
            if self.act(person, "PATCH", TICKET, id, expected, body):
                self.model.tickets[id].is_done = is_done

    @rule(actor=ANY, ticket=ANY, company=st.none() | ANY)
    def set_company(self, actor: int, ticket: int, company: int | None) -> None:
        if person := self.person(actor):
            id, model = self.pick("tickets", ticket), self.model
            client = None if company is None else self.pick("companies", company)
            expected = verdicts.to_edit_ticket(model, person.id, id)
            if expected == 200 and client is not None:
                project = model.tickets[id].project
                is_right = verdicts.may_name_company(model, person.id, project, client)
                expected = 200 if is_right else 400
            body = {"company": client}
            if self.act(person, "PATCH", TICKET, id, expected, body, names="company"):
                model.tickets[id].company = client

    @rule(actor=ANY, ticket=ANY, assignee=ANY)
    def assign_ticket(self, actor: int, ticket: int, assignee: int) -> None:
        if person := self.person(actor):
            id, whom, model = (
                self.pick("tickets", ticket),
                self.pick("people", assignee),
                self.model,
            )
            expected = verdicts.to_assign_ticket(model, person.id, id)
            if expected == 200:
                is_right = verdicts.is_assignable(model, model.tickets[id].project, whom)
                expected = 200 if is_right else 400
            body = {"assignee_ids": [whom]}
            if self.act(person, "PATCH", TICKET, id, expected, body, names="assignee_ids"):
                model.tickets[id].assignees = {whom}

    @rule(actor=ANY, ticket=ANY, tag=ANY)
    def tag_ticket(self, actor: int, ticket: int, tag: int) -> None:
        if person := self.person(actor):
            id, label, model = self.pick("tickets", ticket), self.pick("tags", tag), self.model
            expected = verdicts.to_edit_ticket(model, person.id, id)
            if expected == 200:
                there = label in model.tags and model.tags[label].project
                expected = 200 if there == model.tickets[id].project else 400
            body = {"tag_ids": [label]}
            if self.act(person, "PATCH", TICKET, id, expected, body, names="tag_ids"):
                model.tickets[id].tags = {label}

    @rule(actor=ANY, ticket=ANY)
    def delete_ticket(self, actor: int, ticket: int) -> None:
        if person := self.person(actor):
            id = self.pick("tickets", ticket)
            expected = verdicts.to_delete_ticket(self.model, person.id, id)
            self.act(person, "DELETE", TICKET, id, expected)
            if expected == 204 and person.active:
                without(self.model, "tickets", [id])

    @rule(actor=ANY, ticket=ANY)
    def follow(self, actor: int, ticket: int) -> None:
        if person := self.person(actor):
            id = self.pick("tickets", ticket)
            expected = 200 if sees_ticket(self.model, person.id, id) else 404
            if self.act(person, "POST", TICKET + "toggle_follow/", id, expected):
                self.model.tickets[id].followers ^= {person.id}

    @rule(actor=ANY, ticket=ANY)
    def comment(self, actor: int, ticket: int) -> None:
        if person := self.person(actor):
            id = self.pick("tickets", ticket)
            expected = 201 if sees_ticket(self.model, person.id, id) else 400
            body = {"ticket": id, "content": "On it."}
            if made := self.act(person, "POST", COMMENTS, None, expected, body, names="ticket"):
                self.model.add("comments", Comment(made["id"], id, person.id))

    @rule(actor=ANY, comment=ANY)
    def edit_comment(self, actor: int, comment: int) -> None:
        if person := self.person(actor):
            id = self.pick("comments", comment)
            expected = verdicts.to_edit_comment(self.model, person.id, id)
            self.act(person, "PATCH", COMMENT, id, expected, {"content": self.name("Word")})

    @rule(actor=ANY, comment=ANY)
    def delete_comment(self, actor: int, comment: int) -> None:
        if person := self.person(actor):
            id = self.pick("comments", comment)
            expected = verdicts.to_delete_comment(self.model, person.id, id)
            self.act(person, "DELETE", COMMENT, id, expected)
            if expected == 204 and person.active:
                without(self.model, "comments", [id])

    @rule(actor=ANY, ticket=ANY)
    def attach(self, actor: int, ticket: int) -> None:
        if person := self.person(actor):
            id = self.pick("tickets", ticket)
            expected = 201 if sees_ticket(self.model, person.id, id) else 400
            file = {"file": ("note.txt", b"Between us.")}
            body = {"ticket": str(id)}
            made = self.act(
                person, "POST", ATTACHMENTS, None, expected, body, names="ticket", files=file
            )
            if made:
                path = urlsplit(made["file"]).path
                self.model.add("attachments", Attachment(made["id"], id, person.id, path))

    @rule(actor=ANY, attachment=ANY)
    def delete_attachment(self, actor: int, attachment: int) -> None:
        if person := self.person(actor):
            id = self.pick("attachments", attachment)
            expected = verdicts.to_delete_attachment(self.model, person.id, id)
            self.act(person, "DELETE", ATTACHMENT, id, expected)
            if expected == 204 and person.active:
                without(self.model, "attachments", [id])

    def _column(self, ticket: int, is_done: bool) -> int:
        found = self.model.tickets.get(ticket)
        if found is None:
            return 1
        place = self.model.projects[found.project]
        return place.done if is_done else place.new
