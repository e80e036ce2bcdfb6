"""What there is, in plain Python: the state that the server's database should be in.

The rules over it stand beside it: `sight` (who sees what), `ties` (how roles come and go) and
`verdicts` (which status an action gets). None of them knows the server.
"""

from dataclasses import dataclass, field

OVERSEERS = ("superadmin", "admin", "manager")
AGENTS = ("superadmin", "admin")


@dataclass
class Person:
    id: int
    name: str
    superuser: bool = False
    staff: bool = False
    active: bool = True
    epoch: int = 0
    """How often their tokens have been ended."""
    created_by: int | None = None
    created_in: int | None = None


@dataclass
class Project:
    id: int
    key: str
    new: int
    done: int
    """Two of its columns."""


@dataclass
class Held:
    """A role, and the one that was assigned by hand, if any."""

    role: str
    granted: str | None


@dataclass
class Company:
    id: int
    name: str
    projects: set[int]
    admins: set[int] = field(default_factory=set[int])
    users: set[int] = field(default_factory=set[int])

    def of(self, relation: str) -> set[int]:
        return self.admins if relation == "admin" else self.users


@dataclass
class Ticket:
    id: int
    project: int
    name: str
    reporter: int | None
    company: int | None = None
    is_done: bool = False
    assignees: set[int] = field(default_factory=set[int])
    followers: set[int] = field(default_factory=set[int])
    tags: set[int] = field(default_factory=set[int])


@dataclass
class Tag:
    id: int
    project: int
    name: str
    contacts: set[int] = field(default_factory=set[int])


@dataclass
class Contact:
    id: int
    project: int
    name: str


@dataclass
class Comment:
    id: int
    ticket: int
    author: int | None


@dataclass
class Attachment:
    id: int
    ticket: int
    uploader: int | None
    path: str


@dataclass
class Model:
    """Everything by its id. `ever` also remembers what is gone: it must look as if never there."""

    people: dict[int, Person] = field(default_factory=dict[int, Person])
    projects: dict[int, Project] = field(default_factory=dict[int, Project])
    roles: dict[tuple[int, int], Held] = field(default_factory=dict[tuple[int, int], Held])
    """By project and person."""
    companies: dict[int, Company] = field(default_factory=dict[int, Company])
    tickets: dict[int, Ticket] = field(default_factory=dict[int, Ticket])
    tags: dict[int, Tag] = field(default_factory=dict[int, Tag])
    contacts: dict[int, Contact] = field(default_factory=dict[int, Contact])
    comments: dict[int, Comment] = field(default_factory=dict[int, Comment])
    attachments: dict[int, Attachment] = field(default_factory=dict[int, Attachment])
    ever: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def add(self, noun: str, thing: object) -> None:
        id = thing.id  # type: ignore[attr-defined]
        getattr(self, noun)[id] = thing
        self.ever.setdefault(noun, []).append(id)

    def role(self, person: int, project: int) -> str | None:
        held = self.roles.get((project, person))
        return held.role if held else None

    def is_super(self, person: int) -> bool:
        return self.people[person].superuser

    def may(self, person: int, project: int, *roles: str) -> bool:
        """rulings 3.3: superusers pass every check."""
        return self.is_super(person) or self.role(person, project) in roles

    def is_member(self, person: int, project: int) -> bool:
        """The project exists for them (rulings 3.2, 3.3)."""
        is_there = project in self.projects
        return is_there and (self.is_super(person) or (project, person) in self.roles)

    def projects_of(self, person: int, *roles: str) -> set[int]:
        """Where they hold one of these roles; any role when none is named."""
        held = ((project, one.role) for (project, who), one in self.roles.items() if who == person)
        return {project for project, role in held if not roles or role in roles}

    def companies_of(self, person: int) -> set[int]:
        members = {one.id: one.admins | one.users for one in self.companies.values()}
        return {company for company, people in members.items() if person in people}

    def superadmins(self, project: int) -> set[int]:
        """The active ones: those who keep a project from being nobody's (rulings 3.4)."""
        holders = {
            who for (where, who), held in self.roles.items() if (where, held.role) == (project, S)
        }
        return {who for who in holders if self.people[who].active}

    def of_ticket(self, noun: str, ticket: int) -> list[int]:
        things = getattr(self, noun).values()
        return sorted(one.id for one in things if one.ticket == ticket)


S = "superadmin"
