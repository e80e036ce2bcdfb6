"""Many at once, over and over: whoever wins, what the database holds afterwards is right.

RACE_ROUNDS rounds of each, 10 unless it is set; of the last superadmin in
`api/test_last_superadmin`. Nobody is ever answered with 500.
"""

import pytest

from tests.conftest import client_of, make_app
from tests.races import in_rounds, statuses
from ticketing_server.core.db import Sql, rows, scalar, scalars

TICKETS, COLUMNS, PROJECTS = "/tickets/tickets/", "/tickets/columns/", "/tickets/projects/"
LOGIN, REGISTER = "/tickets/auth/login/", "/tickets/auth/register/"


pytestmark = in_rounds(10)


@pytest.fixture(scope="session")
def throttled():
    """Two servers with one database."""
    return [make_app(AUTH_RATE_LIMIT="3/minute") for _ in range(2)]


async def count(table: str, condition: str = "TRUE") -> int:
    return await scalar(Sql(f"SELECT count(*) FROM {table} WHERE {condition}"), int)


async def test_guesses_at_once_get_no_further_than_the_limit(race, throttled):
    servers = [client_of(app) for app in throttled]
    guess = {"username": "uma", "password": "a guess"}

    answers = await race.run(*(servers[n % 2].post(LOGIN, json=guess) for n in range(20)))

    assert statuses(answers) == {400: 3, 429: 17}
    assert await scalars(Sql("SELECT hits FROM throttle"), int) == [20, 20]


async def test_one_key_sent_twice_makes_one_ticket(race):
    new = {"name": "Mouse", "column": race.world.columns["New"]}
    key = {"Idempotency-Key": "once"}

    answers = await race.run(
        *(race.as_user("uma").post(TICKETS, json=new, headers=key) for _ in range(5))
    )

    made = {answer.content for answer in answers if answer.status_code == 201}
    assert statuses(answers).keys() <= {201, 409}
    assert len(made) == 1
    assert await count("ticket", "name = 'Mouse'") == 1
    assert await count("event", "action = 'created'") == 1


async def test_a_ticket_that_is_deleted_takes_all_along_that_is_just_added(race, data_dir):
    printer, uma = race.world.printer, race.as_user("uma")

    *answers, deleted = await race.run(
        *(uma.post("/tickets/comments/", json={"ticket": printer, "content": "Hm"}) for _ in "123"),
        *(
            uma.post("/tickets/attachments/", data={"ticket": printer}, files={"file": b"x"})
            for _ in "123"
        ),
        *(
            uma.patch(f"{TICKETS}{printer}/", json={"column": column})
            for column in race.world.columns.values()
        ),
        race.as_user("mona").post(f"{TICKETS}{printer}/toggle_follow/"),
        uma.delete(f"{TICKETS}{printer}/"),
    )

    assert deleted.status_code == 204
    assert statuses(answers).keys() <= {200, 201, 400, 404}
    for table in ("comment", "attachment", "ticket_follower", "ticket_words", "event"):
        assert await count(table, f"ticket = {printer}") == 0, table
    # A file that has no row any more waits to be removed.
    unclaimed = await scalars(Sql("SELECT path FROM unclaimed_file"), str)
    media = data_dir / "media"
    left = [str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()]
    assert set(left) <= set(unclaimed)


async def test_of_two_invitations_accepted_at_once_each_is_spent_once(race):
    invite = f"{PROJECTS}{race.world.project}/invitations/"
    alice = race.as_user("alice")
    tokens = [
        (await alice.post(invite, json={"role": role})).json()["token"]
        for role in ("user", "admin")
    ]

    answers = await race.run(
        *(
            race.as_user(name).post("/tickets/invitations/accept/", json={"token": token})
            for name in ("stella", "stan")
            for token in tokens * 2
        )
    )

    assert statuses(answers) == {200: 2, 400: 6}
    joined = Sql(
        "SELECT role FROM user_role WHERE project = {} AND account = ANY({}::bigint[])",
        race.world.project,
        [race.world.people["stella"], race.world.people["stan"]],
    )
    roles = await scalars(joined, str)
    assert sorted(roles) in (["admin"], ["admin", "user"])
    assert await count("invitation", "accepted_by IS NULL OR accepted_at IS NULL") == 0


async def test_one_name_goes_to_one_person_as_username_or_as_email(race):
    def person(username: str, email: str) -> dict[str, str]:
        password = "a good long password"
        return {
            "username": username,
            "email": email,
            "password": password,
            "password_confirm": password,
        }

    nia = person("nia@example.com", "nia@example.org")
    people = [nia, person("NIA@example.com", "b@example.org"), person("nino", "Nia@Example.com")]
    uma = race.world.people["uma"]

    *answers, renamed = await race.run(
        *(race.as_user("root").post(REGISTER, json=one) for one in people),
        race.as_user("uma").patch(f"/tickets/users/{uma}/", json={"email": "nia@example.com"}),
    )

    assert statuses([*answers, renamed]) in ({201: 1, 400: 3}, {200: 1, 400: 3})
    assert await count("login_name", "name = 'nia@example.com'") == 1
    assert (
        await count("account", "lower(username) = 'nia@example.com'")
        + await count("account", "lower(email) = 'nia@example.com'")
        == 1
    )


async def test_a_board_that_all_rearrange_keeps_every_column_and_ticket_in_a_place(race):
    alice, ids = race.as_user("alice"), [*race.world.columns.values()]
    turned = [
        [{"id": id, "order": (place + turn) % 4} for place, id in enumerate(ids)]
        for turn in range(4)
    ]

    *_, deleted = await race.run(
        *(alice.post(f"{COLUMNS}reorder/", json={"order": order}) for order in turned),
        *(alice.patch(f"{COLUMNS}{id}/", json={"order": 0}) for id in ids),
        alice.post(COLUMNS, json={"name": "Testing", "order": 1}),
        race.as_user("uma").patch(f"{TICKETS}{race.world.printer}/", json={"column": ids[1]}),
        alice.delete(f"{COLUMNS}{ids[0]}/?move_to={ids[3]}"),
    )

    board = Sql(
        'SELECT id, "order" FROM board_column WHERE project = {} ORDER BY "order"',
        race.world.project,
    )
    columns = {one["id"]: one["order"] for one in await rows(board, dict[str, int])}
    holds = Sql('SELECT "column" FROM ticket WHERE id = {}', race.world.printer)
    assert deleted.status_code == 204
    assert len(columns) == len(set(columns.values())) == 4
    assert await scalar(holds, int) in columns
