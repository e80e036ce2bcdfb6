"""Who changed accounts, roles, companies and projects: every door tells it, superusers read it."""

import itertools

import pytest

from tests.ageing import age_the_log
from tests.conftest import client_of as client_with
from tests.conftest import make_app
from tests.world import PASSWORD, add_person, everything_stored
from ticketing_server.audit import queries
from ticketing_server.audit.retention import remove_older_than
from ticketing_server.core.db import Sql, execute, scalar

LOG = "/tickets/audit-log/"
NEW_PASSWORD = "quite another passphrase"
ENTRIES = "SELECT count(*) FROM audit_entry"


@pytest.fixture
def told(as_user):
    """`await told(account=3)`: what doors of the API have written, oldest first."""

    async def read(**wanted):
        wanted = {"source": "api", "page_size": 100, **wanted}
        answer = await as_user("root").get(LOG, params=wanted)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"][::-1]

    return read


def in_short(entries):
    return [(entry["username"], entry["action"], entry["table"]) for entry in entries]


def person(name):
    return {"username": name, "email": f"{name}@example.com", "password": NEW_PASSWORD}


def users(world, name):
    return f"/tickets/users/{world.people[name]}/"


def desk(world):
    return f"/tickets/projects/{world.project}/"


def acme(world):
    return f"/tickets/companies/{world.companies['Acme']}/"


# Who does it, how, and what is then in the log. The role or company comes and goes with it.
CHANGES = {
    "a user is created": (
        "alice", "POST", lambda world: "/tickets/users/", lambda world: person("nia"),
        ["created account"],
    ),
    "an email is changed": (
        "root", "PATCH", lambda world: users(world, "uma"),
        lambda world: {"email": "ursula@example.org"}, ["changed account"],
    ),
    "a superuser is made": (
        "root", "PATCH", lambda world: users(world, "uma"), lambda world: {"is_superuser": True},
        ["changed account"],
    ),
    "a password is set": (
        "root", "POST", lambda world: users(world, "uma") + "set_password/",
        lambda world: {"password": NEW_PASSWORD}, ["changed account"],
    ),
    "an account is disabled": (
        "root", "POST", lambda world: users(world, "uma") + "toggle_active/", lambda world: None,
        ["changed account"],
    ),
    "an account is deleted": (
        "root", "DELETE", lambda world: users(world, "uma"), lambda world: None,
        ["deleted account", "deleted user_role", "deleted company_member"],
    ),
    "a role is given": (
        "root", "POST", lambda world: users(world, "stan") + "assign_role/",
        lambda world: {"project_id": world.project, "role": "manager"}, ["created user_role"],
    ),
    "a role is changed": (
        "alice", "POST", lambda world: users(world, "mona") + "assign_role/",
        lambda world: {"project_id": world.project, "role": "admin"}, ["changed user_role"],
    ),
    "a role is taken": (
        "alice", "POST", lambda world: users(world, "mona") + "remove_role/",
        lambda world: {"project_id": world.project}, ["deleted user_role"],
    ),
    "somebody is invited": (
        "alice", "POST", lambda world: desk(world) + "invitations/", lambda world: {"role": "user"},
        ["created invitation"],
    ),
    "a company is created": (
        "alice", "POST", lambda world: "/tickets/companies/",
        lambda world: {
            "name": "Nikora", "project_ids": [world.project], "admin_ids": [world.people["mona"]]
        },
        [
            "created company", "created company_project", "created company_member",
            "changed user_role",
        ],
    ),
    "a company is changed": (
        "alice", "PATCH", acme, lambda world: {"phone": "+995 32 2"}, ["changed company"],
    ),
    "a company is deleted": (
        "alice", "DELETE", acme, lambda world: None,
        ["deleted company", "deleted company_project", "deleted company_member"],
    ),
    "somebody joins a company": (
        "alice", "POST", lambda world: acme(world) + "assign_admin/",
        lambda world: {"user_id": world.people["ugo"]},
        ["created company_member", "changed user_role"],
    ),
    "somebody leaves a company": (
        "alice", "POST", lambda world: acme(world) + "remove_user/",
        lambda world: {"user_id": world.people["uma"]}, ["deleted company_member"],
    ),
    "a client's account is made": (
        "alice", "POST", lambda world: acme(world) + "create_user/", lambda world: person("nia"),
        ["created account", "created company_member", "created user_role"],
    ),
    "a project is opened": (
        "alice", "POST", lambda world: "/tickets/projects/",
        lambda world: {"name": "Field", "key": "FIELD"}, ["created project", "created user_role"],
    ),
    "a project is set up anew": (
        "alice", "PATCH", desk, lambda world: {"widgets": ["newest"]}, ["changed project"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
async def test_every_door_tells_who_did_what_in_which_request(world, as_user, told, change):
    name, method, path, body, expected = CHANGES[change]

    answer = await as_user(name).request(method, path(world), json=body(world))

    assert answer.is_success, answer.text
    entries = await told()
    assert sorted(in_short(entries)) == sorted((name, *one.split()) for one in expected)
    assert {entry["request_id"] for entry in entries} == {answer.headers["x-request-id"]}
    assert NEW_PASSWORD not in str(entries)
    assert "argon2" not in str(entries)


async def test_whoever_registers_does_it_themselves(client, world, told):
    new = {**person("nino"), "password_confirm": NEW_PASSWORD}
    project = {"project_key": "NEW", "project_name": "New"}

    assert (await client.post("/tickets/auth/register/", json=new | project)).status_code == 201

    entries = await told()
    assert in_short(entries) == [
        ("nino", "created", "account"),
        ("nino", "created", "project"),
        ("nino", "created", "user_role"),
    ]
    assert entries[0]["user"] == entries[0]["account"]


async def test_an_invitation_is_followed_from_its_making_to_the_role(world, as_user, told):
    invitations = f"{desk(world)}invitations/"
    meant = {"role": "user", "email": "stan@example.com"}
    made = (await as_user("alice").post(invitations, json=meant)).json()
    revoked = (await as_user("alice").post(invitations, json={"role": "user"})).json()
    await as_user("alice").delete(f"{invitations}{revoked['id']}/")

    accepted = await as_user("stan").post(
        "/tickets/invitations/accept/", json={"token": made["token"]}
    )

    assert accepted.status_code == 200
    entries = await told()
    assert in_short(entries) == [
        ("alice", "created", "invitation"),
        ("alice", "created", "invitation"),
        ("alice", "deleted", "invitation"),
        ("stan", "changed", "invitation"),
        ("stan", "created", "user_role"),
    ]
    assert entries[0]["new_value"]["email"] == "stan@example.com"
    assert entries[3]["new_value"]["accepted_by"] == world.people["stan"]
    assert entries[3]["new_value"]["accepted_at"].endswith("Z")
    assert made["token"] not in str(entries)
    assert "token_hash" not in str(entries)


async def test_a_deleted_project_tells_of_all_that_went_with_it(world, as_user, told):
    await as_user("alice").delete(desk(world))

    entries = await told()
    gone = {entry["table"] for entry in entries}
    assert gone == {"project", "user_role", "company", "company_project", "company_member"}
    assert {(entry["username"], entry["action"]) for entry in entries} == {("alice", "deleted")}
    roles = [entry["account_username"] for entry in entries if entry["table"] == "user_role"]
    assert sorted(roles) == ["adam", "alice", "mona", "ugo", "uma"]


async def test_a_change_is_told_with_both_values_and_a_secret_by_its_name(world, as_user, told):
    uma = world.people["uma"]
    await as_user("root").patch(users(world, "uma"), json={"email": "ursula@example.org"})
    await as_user("root").post(users(world, "uma") + "toggle_active/")
    await as_user("root").post(
        users(world, "uma") + "set_password/", json={"password": NEW_PASSWORD}
    )

    email, active, password = await told(account=uma)
    assert (email["old_value"], email["new_value"]) == (
        {"email": "uma@example.com"},
        {"email": "ursula@example.org"},
    )
    assert (active["old_value"], active["new_value"]) == ({"is_active": True}, {"is_active": False})
    assert (password["fields"], password["old_value"], password["new_value"]) == (
        ["password"],
        {},
        {},
    )


REFUSED = {
    "the last superadmin": (
        "root", "DELETE", lambda world: users(world, "alice"), lambda world: None, 409,
    ),
    "a weak password": (
        "root", "POST", lambda world: users(world, "uma") + "set_password/",
        lambda world: {"password": "short"}, 400,
    ),
    "a name that is taken": (
        "root", "PATCH", lambda world: users(world, "uma"), lambda world: {"username": "ADAM"}, 400,
    ),
    "a key that is taken": (
        "alice", "POST", lambda world: "/tickets/projects/",
        lambda world: {"name": "Other", "key": "OTHER"}, 400,
    ),
    "one's own role": (
        "alice", "POST", lambda world: users(world, "alice") + "remove_role/",
        lambda world: {"project_id": world.project}, 403,
    ),
    "somebody else's account": (
        "adam", "PATCH", lambda world: users(world, "uma"), lambda world: {"first_name": "U"}, 403,
    ),
    "a stranger's company": (
        "alice", "PATCH", lambda world: f"/tickets/companies/{world.other_company}/",
        lambda world: {"name": "Ours"}, 404,
    ),
    "a made-up invitation": (
        "stan", "POST", lambda world: "/tickets/invitations/accept/",
        lambda world: {"token": "made-up"}, 400,
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", REFUSED)
async def test_what_is_refused_leaves_no_entry(world, as_user, change):
    name, method, path, body, status = REFUSED[change]
    before = await scalar(Sql(ENTRIES), int)

    answer = await as_user(name).request(method, path(world), json=body(world))

    assert answer.status_code == status
    assert await scalar(Sql(ENTRIES), int) == before


async def test_signing_in_reading_and_working_on_tickets_add_nothing(
    world, as_user, client, statements
):
    before = await scalar(Sql(ENTRIES), int)

    async with statements() as sent:
        await client.post("/tickets/auth/login/", json={"username": "uma", "password": PASSWORD})
        await as_user("uma").get("/tickets/tickets/")
        await as_user("uma").patch(f"/tickets/tickets/{world.printer}/", json={"name": "Plotter"})
        await as_user("uma").post(
            "/tickets/comments/", json={"ticket": world.printer, "content": "Hm."}
        )

    assert not [one for one in sent if "ticketing.actor" in one or "audit" in one]
    assert await scalar(Sql(ENTRIES), int) == before


@pytest.mark.parametrize("name", ["alice", "adam", "uma", "mona", "stella", "stan"])
async def test_nobody_but_a_superuser_reads_it(world, as_user, name):
    own = {"account": world.people[name]}

    for asked in ({}, own):
        answer = await as_user(name).get(LOG, params=asked)
        assert answer.status_code == 403
        assert answer.json() == {"detail": "Only superusers may do this."}


async def test_it_cannot_be_written_through_the_api(as_user):
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        assert (await as_user("root").request(method, LOG, json={})).status_code == 405


async def test_it_is_narrowed_by_whom_what_where_and_when(world, as_user, told):
    uma, adam = world.people["uma"], world.people["adam"]
    await as_user("root").patch(users(world, "uma"), json={"first_name": "Ursula"})
    await as_user("root").patch(users(world, "adam"), json={"first_name": "Adamo"})
    renamed = await as_user("alice").patch(acme(world), json={"name": "Acme Ltd"})
    request = renamed.headers["x-request-id"]

    assert [entry["account"] for entry in await told(account=uma)] == [uma]
    assert [entry["account"] for entry in await told(account=[uma, adam])] == [uma, adam]
    assert in_short(await told(user=world.people["alice"])) == [("alice", "changed", "company")]
    assert in_short(await told(table="company")) == [("alice", "changed", "company")]
    assert in_short(await told(company=world.companies["Acme"])) == [
        ("alice", "changed", "company")
    ]
    assert in_short(await told(request_id=request)) == [("alice", "changed", "company")]
    assert await told(action="deleted") == []
    assert await told(created_after="2999-01-01") == []
    assert len(await told(created_before="2999-01-01")) == 3


async def test_a_repeated_filter_widens_in_whatever_order(world, as_user, told):
    """rulings 4.9"""
    for name in ("uma", "adam"):
        await as_user("root").patch(users(world, name), json={"first_name": name})
    first, second = [entry["request_id"] for entry in await told()]
    years = ["2001-01-01", "2999-01-01"]

    for order in (slice(None), slice(None, None, -1)):
        assert len(await told(request_id=[first, second][order])) == 2
        assert len(await told(created_after=years[order])) == 2
        assert len(await told(created_before=years[order])) == 2
    assert await told(created_after=years[1]) == await told(created_before=years[0]) == []


async def test_its_pages_are_newest_first(world, as_user):
    for number in range(3):
        await as_user("root").patch(users(world, "uma"), json={"first_name": f"Uma {number}"})

    first = (await as_user("root").get(LOG, params={"source": "api", "page_size": 2})).json()
    last = (await as_user("root").get(first["next"])).json()

    shown = [entry["new_value"]["first_name"] for entry in first["results"] + last["results"]]
    assert (first["count"], last["next"]) == (3, None)
    assert shown == ["Uma 2", "Uma 1", "Uma 0"]


@pytest.fixture
async def busy(world, as_user):
    """A log with entries of several sources, actions and tables."""
    await as_user("alice").patch(acme(world), json={"phone": "+995 32 2"})
    await as_user("alice").delete(acme(world))
    await as_user("root").patch(users(world, "uma"), json={"is_staff": True})


FILTERS = [
    {},
    {"action": "created"},
    {"action": ["changed", "deleted"], "table": "company"},
    {"table": ["account", "user_role"]},
    {"source": "api"},
    {"source": ["api", "database"], "action": "deleted"},
    {"source": "nobody"},
    {"user": "alice"},
    {"account": "uma", "action": "changed"},
    {"created_before": "2999-01-01"},
    {"request_id": "none-such"},
]


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("wanted", FILTERS)
@pytest.mark.parametrize("far", [0, 1000])
async def test_every_page_from_either_end_is_a_piece_of_one_list(
    world, as_user, monkeypatch, wanted, far
):
    monkeypatch.setattr(queries, "FAR", far)
    wanted = {name: world.people.get(str(value), value) for name, value in wanted.items()}
    whole = (await as_user("root").get(LOG, params={**wanted, "page_size": 100})).json()

    pages = [
        (await as_user("root").get(LOG, params={**wanted, "page_size": 7, "page": number})).json()
        for number in range(1, max(1, -(-whole["count"] // 7)) + 1)
    ]
    past = {**wanted, "page_size": 7, "page": len(pages) + 1}

    assert whole["count"] == len(whole["results"]) < 100
    assert {page["count"] for page in pages} == {whole["count"]}
    assert [*itertools.chain(*(page["results"] for page in pages))] == whole["results"]
    ids = [entry["id"] for entry in whole["results"]]
    assert ids == sorted(ids, reverse=True)
    assert (await as_user("root").get(LOG, params=past)).status_code == 404


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    "wanted", [{}, {"source": "api"}, {"action": "created", "table": "account"}]
)
async def test_what_no_index_tells_is_counted_without_looking(as_user, statements, wanted):
    async with statements() as sent:
        await as_user("root").get(LOG, params={**wanted, "page_size": 1})

    counting = [one for one in sent if "audit_count" in one]
    assert len(counting) == 1
    assert not [one for one in sent if "count(*)" in one and "audit_entry" in one]


async def test_what_was_removed_is_read_in_the_log(world, as_user, told):
    await age_the_log(400)
    before = (await as_user("root").get(LOG)).json()["count"]

    await remove_older_than(365)
    await as_user("root").patch(users(world, "uma"), json={"is_staff": True})

    answer = (await as_user("root").get(LOG)).json()
    removal = answer["results"][1]
    assert answer["count"] == 2
    assert await told(source="housekeeping", table="audit_entry") == [removal]
    assert (removal["user"], removal["action"], removal["account"]) == (None, "deleted", None)
    assert removal["fields"] == ["entries", "since", "until"]
    assert removal["old_value"]["entries"] == before
    assert removal["old_value"]["since"] < removal["old_value"]["until"] < removal["created_at"]
    assert removal["old_value"]["until"].endswith("Z")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user", "x"),
        ("account", "0"),
        ("project", "9223372036854775808"),
        ("action", "seen"),
        ("table", "ticket"),
        ("created_after", "yesterday"),
        ("created_before", ["yesterday", "2025-10-20"]),
        ("request_id", "\0"),
        ("source", "\0"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_told_by_name(as_user, name, value):
    answer = await as_user("root").get(LOG, params={name: value})

    assert answer.status_code == 400
    assert list(answer.json()) == [name]


async def test_a_deleted_person_stays_as_a_number_alone(world, as_user, told):
    zebulon = (await as_user("alice").post("/tickets/users/", json=person("zebulon"))).json()["id"]
    home = f"/tickets/users/{zebulon}/"
    await as_user("alice").post(
        f"{desk(world)}invitations/", json={"role": "user", "email": "Zebulon@example.com"}
    )
    await as_user("alice").post(
        home + "assign_role/", json={"project_id": world.project, "role": "admin"}
    )
    await as_user("alice").patch(home, json={"first_name": "Zebulon", "last_name": "Pike"})
    assert "zebulon" in str(await told(account=zebulon))

    assert (await as_user("alice").delete(home)).status_code == 204

    stored = str(await everything_stored()).lower()
    assert "zebulon" not in stored
    assert "pike" not in stored
    entries = await told(account=zebulon)
    assert [entry["account_username"] for entry in entries] == [None] * 5
    assert entries[2]["fields"] == ["first_name", "last_name"]
    assert (entries[2]["old_value"], entries[2]["new_value"]) == ({}, {})


@pytest.mark.parametrize("days", [None, 100, 300])
async def test_a_deleted_person_is_in_no_entry_however_much_was_removed_before(
    world, as_user, days
):
    """Nor under an address that they had before, to which somebody had invited them."""
    root = as_user("root")
    zebulon = (await root.post("/tickets/users/", json=person("zebulon"))).json()["id"]
    home = f"/tickets/users/{zebulon}/"
    for domain in ("example.org", "example.net"):
        changed = {"email": f"zebulon@{domain}", "first_name": f"Zebulon of {domain}"}
        await root.patch(home, json={**changed, "last_name": "Pike"})
        await age_the_log(200)
    await as_user("alice").post(
        f"{desk(world)}invitations/", json={"role": "user", "email": "Zebulon@example.net"}
    )
    await root.patch(home, json={"email": "zebulon@example.edu"})
    if days:
        await remove_older_than(days)
        assert "zebulon" in str(await everything_stored()).lower()

    assert (await root.delete(home)).status_code == 204

    stored = str(await everything_stored()).lower()
    assert "zebulon" not in stored
    assert "pike" not in stored


async def test_an_invitation_to_an_address_that_is_anothers_by_now_stays(world, as_user):
    meant = {"role": "user", "email": "uma@example.com"}
    invitations = f"{desk(world)}invitations/"
    await as_user("root").patch(users(world, "uma"), json={"email": "ursula@example.org"})
    await as_user("root").patch(users(world, "stan"), json={"email": "uma@example.com"})
    await as_user("alice").post(invitations, json=meant)

    await as_user("root").delete(users(world, "uma"))

    (left,) = (await as_user("alice").get(invitations)).json()
    assert left["email"] == "uma@example.com"


async def test_a_deleted_superusers_deeds_stay(world, as_user, told):
    rita = await add_person("rita")
    await execute(Sql("UPDATE account SET superuser = TRUE WHERE id = {}", rita))
    world.people["rita"] = rita
    await as_user("rita").patch(users(world, "uma"), json={"is_staff": True})

    await as_user("root").delete(f"/tickets/users/{rita}/")

    (entry,) = await told(user=rita)
    assert (entry["user"], entry["username"]) == (rita, None)
    assert entry["new_value"] == {"is_staff": True}


async def test_the_development_key_acts_as_the_superuser_it_stands_for(world, told):
    app = make_app(DEBUG="true", SUPER_SECRET_KEY="for development only")
    async with client_with(app, **{"X-Super-Secret-Key": "for development only"}) as client:
        changed = await client.patch(users(world, "uma"), json={"first_name": "Ursula"})

    assert changed.status_code == 200, changed.text
    assert in_short(await told()) == [("root", "changed", "account")]
