"""Where each run begins: two projects, eight people, and whatever ties hypothesis draws."""

from typing import Any

from hypothesis import strategies as st

from tests.tenancy import ties
from tests.tenancy.model import Comment, Company, Contact, Model, Person, Project, Tag, Ticket
from tests.world import (
    add_comment,
    add_company,
    add_contact,
    add_project,
    add_tag,
    add_ticket,
)
from ticketing_server.core.db import Sql, atomic, execute, rows

OWNERS = ("alice", "bela")
OTHERS = ("carl", "dora", "emil", "fay")
GLOBAL = ("root", "stan")
COMPANIES = ("Acme", "Globex")
TICKETS = 3

ROLES = st.sampled_from([None, "user", "user", "user", "admin", "manager", "superadmin"])
DRAWN: Any = st.fixed_dictionaries(
    {
        "roles": st.lists(ROLES, min_size=8, max_size=8),
        "is_shared": st.booleans(),
        "members": st.lists(
            st.tuples(st.integers(0, 1), st.integers(0, 5), st.sampled_from(["user", "admin"])),
            max_size=6,
        ),
        "ties": st.lists(
            st.tuples(
                st.integers(0, TICKETS - 1),
                st.integers(0, 5),
                st.sampled_from(["assignee", "follower"]),
            ),
            max_size=6,
        ),
        "reporters": st.lists(st.integers(0, 5), min_size=TICKETS, max_size=TICKETS),
        "clients": st.lists(st.sampled_from([None, 0, 1]), min_size=TICKETS, max_size=TICKETS),
    }
)
"""Each of the others' roles in both projects; whether Globex is in both; who belongs to whom.

And of each ticket: who has reported it for whom, who is assigned to it, who follows it.
"""


@atomic
async def begin(drawn: Any) -> Model:
    """The model, and the same in the database."""
    model = Model()
    people = await _add_people(model)
    for key, owner in zip(("DESK", "LAB"), OWNERS, strict=True):
        id, columns = await add_project(key, people[owner])
        model.add("projects", Project(id, key, columns["New"], columns["Done"]))
        ties.grant(model, id, people[owner], "superadmin")
    await _add_ties(model, drawn, [people[name] for name in OWNERS + OTHERS])
    await _store_ties(model)
    await _add_tickets(model, drawn, [people[name] for name in OWNERS + OTHERS])
    await _add_things(model)
    return model


async def _add_people(model: Model) -> dict[str, int]:
    names = [*OWNERS, *OTHERS, *GLOBAL]
    stored = await rows(
        Sql(
            "INSERT INTO account (username, email, password, superuser, is_staff)"
            " SELECT n, n || '@example.com', '-', n = 'root', n IN ('root', 'stan')"
            " FROM unnest({}::text[]) AS n RETURNING id, username",
            names,
        ),
        dict[str, Any],
    )
    people = {row["username"]: int(row["id"]) for row in stored}
    for name in names:
        is_root = name == "root"
        model.add("people", Person(people[name], name, is_root, is_root or name == "stan"))
    return people


async def _add_ties(model: Model, drawn: Any, people: list[int]) -> None:
    desk, lab = model.projects
    for n, role in enumerate(drawn["roles"]):
        if role:
            ties.grant(model, (desk, lab)[n % 2], people[len(OWNERS) + n // 2], role)
    for name in COMPANIES:
        model.add("companies", Company(await add_company(name, desk), name, {desk}))
    companies = list(model.companies.values())
    if drawn["is_shared"]:
        ties.enter(model, companies[1], lab)
    for company, person, relation in drawn["members"]:
        ties.join(model, companies[company], people[person], relation)


async def _store_ties(model: Model) -> None:
    """In place of what making projects and companies has stored."""
    await execute(Sql("DELETE FROM company_project WHERE TRUE"))
    for company in model.companies.values():
        await execute(
            Sql(
                "INSERT INTO company_project (project, company) SELECT p, {}"
                " FROM unnest({}::bigint[]) AS p",
                company.id,
                list(company.projects),
            )
        )
        for relation in ("admin", "user"):
            await execute(
                Sql(
                    "INSERT INTO company_member (company, account, relation) SELECT {}, a, {}"
                    " FROM unnest({}::bigint[]) AS a",
                    company.id,
                    relation,
                    list(company.of(relation)),
                )
            )
    held = [(place[0], place[1], one.role, one.granted) for place, one in model.roles.items()]
    await execute(
        Sql(
            "INSERT INTO user_role (project, account, role, granted)"
            " SELECT * FROM unnest({}::bigint[], {}::bigint[], {}::text[], {}::text[])"
            " ON CONFLICT (project, account) DO NOTHING",
            *map(list, zip(*held, strict=True)),
        )
    )


async def _add_tickets(model: Model, drawn: Any, people: list[int]) -> None:
    """All in the first project, in which both companies are."""
    desk, companies = next(iter(model.projects.values())), list(model.companies)
    for n, (reporter, client) in enumerate(zip(drawn["reporters"], drawn["clients"], strict=True)):
        company = None if client is None else companies[client]
        name = f"First{n}"
        id = await add_ticket(desk.id, desk.new, people[reporter], name, company)
        model.add("tickets", Ticket(id, desk.id, name, people[reporter], company))
    tickets = list(model.tickets.values())
    for n, person, relation in drawn["ties"]:
        ticket = tickets[n]
        people_of = ticket.assignees if relation == "assignee" else ticket.followers
        people_of.add(people[person])
        await execute(
            Sql(
                f"INSERT INTO ticket_{relation} (project, ticket, account)"
                " VALUES ({}, {}, {}) ON CONFLICT DO NOTHING",
                desk.id,
                ticket.id,
                people[person],
            )
        )


async def _add_things(model: Model) -> None:
    """A tag and a contact in each project, a comment on each ticket by who has reported it."""
    for project in model.projects:
        tag, contact = f"Tag{project}", f"Contact{project}"
        model.add("tags", Tag(await add_tag(project, tag), project, tag))
        model.add("contacts", Contact(await add_contact(project, contact), project, contact))
    for ticket in model.tickets.values():
        author = ticket.reporter
        assert author
        comment = await add_comment(ticket.project, ticket.id, author, "It is urgent.")
        model.add("comments", Comment(comment, ticket.id, author))
