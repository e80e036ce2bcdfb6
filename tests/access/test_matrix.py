"""The reference's Permission Matrix, typed a second time, against the server that claims it."""

from dataclasses import dataclass

import pytest

from tests.world import World, add_tag, add_ticket, everything_stored

ALICE, ADAM, UMA, MONA = "alice", "adam", "uma", "mona"
CAST = {ALICE: "superadmin", ADAM: "admin", UMA: "user", MONA: "manager"}

DOCUMENT = """
| Action                   | Superadmin | Admin | User | Manager |
| ------------------------ | ---------- | ----- | ---- | ------- |
| Create project           | ✅         | ❌    | ❌   | ❌      |
| Edit own project         | ✅         | ❌    | ❌   | ❌      |
| Delete own project       | ✅         | ❌    | ❌   | ❌      |
| Manage project members   | ✅         | ❌    | ❌   | ❌      |
| View project             | ✅         | ✅    | ✅   | ✅      |
| Create company           | ✅         | ❌    | ❌   | ❌      |
| Edit company             | ✅         | ❌    | ❌   | ❌      |
| Delete company           | ✅         | ❌    | ❌   | ❌      |
| View companies           | ✅         | ✅    | ✅   | ✅      |
| Create tag               | ✅         | ❌    | ❌   | ❌      |
| Edit tag                 | ✅         | ❌    | ❌   | ❌      |
| Delete tag               | ✅         | ❌    | ❌   | ❌      |
| View tags                | ✅         | ✅    | ✅   | ✅      |
| View all project tickets | ✅         | ✅    | ❌   | ✅      |
| Create ticket            | ✅         | ✅    | ✅   | ❌      |
| Edit own ticket          | ✅         | ✅    | ✅   | ❌      |
| Edit others' tickets     | ✅         | ❌    | ❌   | ❌      |
| Delete own ticket        | ✅         | ✅    | ✅   | ❌      |
| Assign tickets           | ✅         | ✅    | ❌   | ❌      |
| Comment on tickets       | ✅         | ✅    | ✅   | ✅      |
"""


def cells():
    """(action, person, is allowed) for each ✅ and ❌ of the document."""
    lines = [line.strip("| ").split("|") for line in DOCUMENT.strip().splitlines()[2:]]
    return [
        (action.strip(), person, mark.strip() == "✅")
        for action, *marks in lines
        for person, mark in zip(CAST, marks, strict=True)
    ]


# How the API spells the document's actions where it leaves words out.
SPELLED = {
    "View all project tickets": "view_all_tickets",
    "Edit own project": "edit_project",
    "Delete own project": "delete_project",
    "Manage project members": "manage_members",
    "Edit others' tickets": "edit_others_tickets",
}
SLUGS = {action: SPELLED.get(action, action.lower().replace(" ", "_")) for action, *_ in cells()}


@dataclass
class Desk:
    """The world, and three tickets: the caller's, one that they see, one of ugo's own."""

    world: World
    own: int
    others: int
    ugos: int
    tag: int

    def calls(self):
        """One request per row of the document whose endpoint there is."""
        world, ticket = self.world, {"name": "Scanner", "column": self.world.columns["New"]}
        project, new_name = f"/tickets/projects/{world.project}/", {"name": "Renamed"}
        own, others = f"/tickets/tickets/{self.own}/", f"/tickets/tickets/{self.others}/"
        initech = {"name": "Initech", "project_ids": [world.project]}
        company = f"/tickets/companies/{world.companies['Acme']}/"
        tag = f"/tickets/tags/{self.tag}/"
        new_tag = {"name": "Nokia", "project": world.project}
        return {
            "Create company": ("POST", "/tickets/companies/", initech),
            "Edit company": ("PATCH", company, new_name),
            "Delete company": ("DELETE", company, None),
            "View companies": ("GET", company, None),
            "Create project": ("POST", "/tickets/projects/", {"name": "New", "key": "NEW"}),
            "Edit own project": ("PATCH", project, new_name),
            "Delete own project": ("DELETE", project, None),
            "Manage project members": ("POST", f"{project}invitations/", {"role": "user"}),
            "View project": ("GET", project, None),
            "Create tag": ("POST", "/tickets/tags/", new_tag),
            "Edit tag": ("PATCH", tag, new_name),
            "Delete tag": ("DELETE", tag, None),
            "View tags": ("GET", tag, None),
            "View all project tickets": ("GET", f"/tickets/tickets/{self.ugos}/", None),
            "Create ticket": ("POST", "/tickets/tickets/", ticket),
            "Edit own ticket": ("PATCH", own, new_name),
            "Edit others' tickets": ("PATCH", others, new_name),
            "Delete own ticket": ("DELETE", own, None),
            "Assign tickets": ("PATCH", own, {"assignee_ids": [world.people["adam"]]}),
            "Comment on tickets": (
                "POST",
                "/tickets/comments/",
                {"ticket": self.others, "content": "On it."},
            ),
        }


async def desk_of(world, person):
    new, acme, globex = world.columns["New"], world.companies["Acme"], world.companies["Globex"]
    own = await add_ticket(world.project, new, world.people[person], "Own", acme)
    others = await add_ticket(world.project, new, world.people["ugo"], "Other", acme)
    ugos = await add_ticket(world.project, new, world.people["ugo"], "Ugo's", globex)
    return Desk(world, own, others, ugos, await add_tag(world.project, "Nikora", own))


WITH_ENDPOINT = list(
    Desk(World(columns={"New": 0}, people={"adam": 0}, companies={"Acme": 0}), 0, 0, 0, 0).calls()
)
INVISIBLE = {"View all project tickets": 404}


def of(*, allowed):
    return [
        (action, person)
        for action, person, is_allowed in cells()
        if action in WITH_ENDPOINT and is_allowed == allowed
    ]


@pytest.mark.parametrize(("action", "person"), of(allowed=True))
async def test_a_role_may_do_what_the_document_ticks(world, as_user, action, person):
    method, path, body = (await desk_of(world, person)).calls()[action]

    answer = await as_user(person).request(method, path, json=body)

    assert answer.is_success, answer.text


@pytest.mark.parametrize(("action", "person"), of(allowed=False))
async def test_a_role_may_not_do_what_the_document_crosses(world, as_user, action, person):
    method, path, body = (await desk_of(world, person)).calls()[action]
    before = await everything_stored()

    answer = await as_user(person).request(method, path, json=body)

    assert answer.status_code == INVISIBLE.get(action, 403)
    assert CAST[person] not in answer.json().get("roles_allowed", [])
    assert await everything_stored() == before


@pytest.mark.parametrize("action", WITH_ENDPOINT)
async def test_a_superuser_may_do_everything(world, as_user, action):
    method, path, body = (await desk_of(world, "adam")).calls()[action]

    answer = await as_user("root").request(method, path, json=body)

    assert answer.is_success, answer.text


# What a body names and the caller cannot see is a wrong field, not a missing page.
NAMED_IN_BODY = {"Create ticket", "Create tag", "Create company", "Comment on tickets"}


# A superadmin elsewhere may open another project of her own (rulings 3.1).
@pytest.mark.parametrize("action", sorted({*WITH_ENDPOINT} - {"Create project"}))
async def test_a_stranger_is_not_told_that_there_is_anything(world, as_user, action):
    method, path, body = (await desk_of(world, "adam")).calls()[action]
    before = await everything_stored()

    answer = await as_user("stella").request(method, path, json=body)

    assert answer.status_code == (400 if action in NAMED_IN_BODY else 404)
    assert await everything_stored() == before


@pytest.mark.parametrize("person", CAST)
async def test_permissions_lists_exactly_the_ticked_actions(world, as_user, person):
    answer = await as_user(person).get(f"/tickets/projects/{world.project}/permissions/")

    ticked = {SLUGS[action] for action, who, is_allowed in cells() if is_allowed and who == person}
    assert answer.json()["role"] == CAST[person]
    assert {*answer.json()["actions"]} & {*SLUGS.values()} == ticked


async def test_permissions_of_a_superuser_are_all_there_are(world, as_user):
    answer = await as_user("root").get(f"/tickets/projects/{world.project}/permissions/")

    assert answer.json()["role"] is None
    assert {*answer.json()["actions"]} >= {*SLUGS.values()}


# person, request, the action that was missing and the roles that hold it (rulings 1.13)
REFUSALS = [
    ("adam", "Edit others' tickets", "edit_others_tickets", ["superadmin"]),
    ("mona", "Edit others' tickets", "edit_others_tickets", ["superadmin"]),
    ("mona", "Edit own ticket", "edit_own_ticket", ["superadmin", "admin", "user"]),
    ("uma", "Assign tickets", "assign_tickets", ["superadmin", "admin"]),
    ("mona", "Create ticket", "create_ticket", ["superadmin", "admin", "user"]),
    ("uma", "Edit own project", "edit_project", ["superadmin"]),
    ("adam", "Manage project members", "manage_members", ["superadmin"]),
    ("adam", "Create tag", "create_tag", ["superadmin"]),
    ("uma", "Edit tag", "edit_tag", ["superadmin"]),
    ("mona", "Delete tag", "delete_tag", ["superadmin"]),
]


@pytest.mark.parametrize(("person", "request_", "action", "roles"), REFUSALS)
async def test_a_refusal_says_what_was_missing(world, as_user, person, request_, action, roles):
    method, path, body = (await desk_of(world, person)).calls()[request_]

    answer = await as_user(person).request(method, path, json=body)

    assert answer.json() == {
        "detail": "You do not have permission to perform this action.",
        "action": action,
        "role": CAST[person],
        "roles_allowed": roles,
    }


@pytest.mark.parametrize("person", ["adam", "uma", "mona"])
async def test_only_a_superadmin_deletes_what_others_have_reported(world, as_user, person):
    desk = await desk_of(world, person)
    others = f"/tickets/tickets/{desk.others}/"

    refused = await as_user(person).delete(others)
    assert refused.status_code == 403
    assert refused.json()["action"] == "delete_others_tickets"
    assert refused.json()["roles_allowed"] == ["superadmin"]

    assert (await as_user("alice").delete(others)).status_code == 204
    assert (await as_user("alice").get(others)).status_code == 404


async def test_a_role_in_one_project_is_none_in_another(world, as_user):
    alice, elsewhere = as_user("alice"), f"/tickets/projects/{world.other_project}/"

    assert (await alice.patch(elsewhere, json={"name": "Mine"})).status_code == 404
    assert (await alice.get(f"{elsewhere}permissions/")).status_code == 404
    assert (await as_user("stella").get(elsewhere)).json()["name"] == "Other"
