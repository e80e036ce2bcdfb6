"""The demo: a provider whose data hangs together, loaded whole or not at all."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from tests.world import add_person, add_ticket
from ticketing_server.core import clock
from ticketing_server.core.db import DB, Sql, rows, scalar, scalars
from ticketing_server.core.secrets.passwords import verify_password
from ticketing_server.demo import DemoRefused, DemoSummary, load_demo
from ticketing_server.tables import TABLES

ROLES_OF = """
SELECT p.key, r.role, r.granted FROM user_role r JOIN project p ON p.id = r.project
JOIN account a ON a.id = r.account WHERE a.username = {} ORDER BY p.id
"""
# Everything but ids, which the sequences give.
CONTENT = """
SELECT concat_ws('|', p.key, t.number, t.name, t.description, t.type, t.priority_id, t.version,
    t.due_date, t.created_at, t.updated_at, a.username, ARRAY(
        SELECT concat(c.content, c.created_at) FROM comment c WHERE c.ticket = t.id ORDER BY c.id))
FROM ticket t JOIN project p ON p.id = t.project JOIN account a ON a.id = t.reporter
ORDER BY p.key, t.number
"""
HELD_BY = "SELECT FROM user_role r WHERE r.project = t.project AND r.account ="
GEORGIAN = "'[ა-ჰ]{{3}}'"


@pytest.fixture
async def demo(empty_database: None) -> DemoSummary:
    return await load_demo(tickets=150)


async def count(what: str) -> int:
    """`count("ticket WHERE …")`"""
    return await scalar(Sql(f"SELECT count(*) FROM {what}"), int)


async def count_all() -> dict[str, int]:
    return {table._meta.tablename: await table.count() for table in TABLES}


async def roles_of(username: str) -> list[tuple[str, ...]]:
    """Project, role, and what was granted by hand."""
    return [tuple(row.values()) for row in await rows(Sql(ROLES_OF, username), dict)]


async def content(seed: int) -> list[str]:
    """What a demo of that seed says; it is gone afterwards."""
    async with DB.transaction() as transaction:
        await load_demo(tickets=60, seed=seed)
        said = await scalars(Sql(CONTENT), str)
        await transaction.rollback()
    return said


async def password_of(username: str) -> str:
    return await scalar(Sql("SELECT password FROM account WHERE username = {}", username), str)


# Loading


async def test_it_says_what_it_has_loaded(demo):
    assert (demo.projects, demo.companies, demo.people, demo.tickets) == (3, 12, 40, 150)
    assert demo.comments == await count("comment")
    assert await scalars(Sql("SELECT key FROM project ORDER BY id"), str) == [
        "DEMO",
        "OPS",
        "FIELD",
    ]


async def test_loading_twice_is_refused_and_changes_nothing(demo):
    before = await count_all()

    with pytest.raises(
        DemoRefused, match=r"^The demo is not loaded: project \w+ is already there\.$"
    ):
        await load_demo()

    assert await count_all() == before


async def test_a_taken_name_refuses_the_demo_whatever_its_case(empty_database):
    await add_person("Admin")
    before = await count_all()

    with pytest.raises(DemoRefused, match="user Admin is already there"):
        await load_demo()

    assert await count_all() == before


async def test_of_two_loads_at_once_one_is_refused(empty_database):
    loads = [load_demo(tickets=20), load_demo(tickets=20)]

    outcomes = await asyncio.gather(*loads, return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {DemoSummary, DemoRefused}
    assert await count("ticket") == 20


async def test_a_demo_that_fails_half_way_leaves_nothing(empty_database, monkeypatch):
    before = await count_all()
    monkeypatch.setattr("ticketing_server.demo.drafts.LEVELS", ["unknown"] * 4)

    with pytest.raises(asyncpg.CheckViolationError, match="ticket_urgency_known"):
        await load_demo()

    assert await count_all() == before


async def test_the_same_seed_gives_the_same_demo(empty_database):
    first = await content(seed=7)

    assert len(first) == 60
    assert await content(seed=7) == first
    assert await content(seed=8) != first


async def test_the_same_seed_moves_on_with_the_day(empty_database, monkeypatch):
    first = await content(seed=7)
    tomorrow = clock.now() + dt.timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)

    assert await content(seed=7) != first


async def test_a_demo_may_be_larger_than_one_portion(empty_database, monkeypatch):
    monkeypatch.setattr("ticketing_server.demo.load.CHUNK", 40)

    assert (await load_demo(tickets=100)).tickets == await count("ticket") == 100


# People


async def test_admin_can_sign_in_with_the_documented_password(demo):
    assert await verify_password("admin", await password_of("admin"))
    assert await count("account WHERE superuser AND admin AND is_staff AND username = 'admin'") == 1
    assert await count("account WHERE superuser") == 1


async def test_everybody_else_shares_one_password(demo):
    assert await verify_password(demo.password, await password_of("emma.clarke"))
    assert await count("(SELECT DISTINCT password FROM account) AS passwords") == 2


async def test_there_is_somebody_to_sign_in_as_for_every_role(demo):
    assert set(demo.sign_ins) == {"superadmin", "admin", "user", "manager"}
    assert {role for _, role, _ in await roles_of(demo.sign_ins["user"])} == {"user"}
    assert {role for _, role, _ in await roles_of(demo.sign_ins["manager"])} == {"manager"}


async def test_every_project_has_people_of_every_role(demo):
    assert await count("(SELECT DISTINCT project, role FROM user_role) AS held") == 12


async def test_a_role_that_came_through_a_company_is_remembered_as_such(demo):
    assert await roles_of("emma.clarke") == [("DEMO", "user", None), ("FIELD", "user", None)]
    assert await roles_of("tom.whitaker") == [("DEMO", "admin", None), ("FIELD", "admin", None)]


async def test_a_role_given_by_hand_is_kept_beside_the_companys(demo):
    assert await roles_of("elena.popescu") == [("DEMO", "admin", "user")]
    assert await roles_of("harriet.lowe") == [("DEMO", "user", "user")]
    assert await roles_of("oliver.brandt") == [("OPS", "superadmin", "superadmin")]


async def test_members_of_a_company_hold_the_role_it_gives_them(demo):
    without = (
        "company_member m JOIN company_project p USING (company) LEFT JOIN user_role r"
        " ON r.project = p.project AND r.account = m.account WHERE r.role IS NULL"
        " OR (m.relation = 'admin' AND r.role NOT IN ('admin', 'superadmin'))"
    )

    assert await count(without) == 0
    assert await count("user_role WHERE granted IS NULL AND role IN ('superadmin', 'manager')") == 0


async def test_accounts_of_clients_were_made_inside_one_of_their_projects(demo):
    theirs = "account a JOIN user_role r ON r.account = a.id AND r.project = a.created_in"

    assert await count(f"{theirs} WHERE r.role = 'user'") == 24
    assert await count("account WHERE (created_in IS NULL) <> (created_by IS NULL)") == 0


# Tickets


async def test_assignees_hold_a_role_other_than_manager_in_the_tickets_project(demo):
    assigned = "ticket_assignee t WHERE"

    assert await count(f"{assigned} EXISTS ({HELD_BY} t.account)") > 0
    assert await count(f"{assigned} NOT EXISTS ({HELD_BY} t.account AND role <> 'manager')") == 0


async def test_whoever_reports_comments_or_follows_belongs_to_the_project(demo):
    reported = "ticket t WHERE NOT EXISTS"

    assert await count(f"{reported} ({HELD_BY} t.reporter AND r.role <> 'manager')") == 0
    assert await count(f"comment t WHERE NOT EXISTS ({HELD_BY} t.author)") == 0
    assert await count(f"ticket_follower t WHERE NOT EXISTS ({HELD_BY} t.account)") == 0


async def test_the_column_and_the_company_belong_to_the_tickets_project(demo):
    at_home = (
        'ticket t JOIN board_column c ON c.id = t."column" AND c.project = t.project'
        " LEFT JOIN company_project p ON p.project = t.project AND p.company = t.company"
        " WHERE t.company IS NULL OR p.id IS NOT NULL"
    )

    assert await count(at_home) == 150


async def test_clients_report_for_their_own_company_only(demo):
    reported = "ticket t JOIN user_role r ON r.project = t.project AND r.account = t.reporter"
    own = "SELECT FROM company_member m WHERE m.account = t.reporter AND m.company = t.company"

    assert await count(f"{reported} WHERE r.role = 'user' AND EXISTS ({own})") > 0
    assert await count(f"{reported} WHERE r.role = 'user' AND NOT EXISTS ({own})") == 0


async def test_exactly_what_is_done_is_resolved(demo):
    column = 'ticket t JOIN board_column c ON c.id = t."column"'

    assert await count(f"{column} WHERE t.resolved_at IS NOT NULL AND c.category = 'done'") > 0
    assert await count(f"{column} WHERE (t.resolved_at IS NULL) = (c.category = 'done')") == 0


async def test_nothing_happens_before_its_time_or_in_the_future(demo):
    assert await count("ticket WHERE updated_at NOT BETWEEN created_at AND now()") == 0
    assert await count("ticket WHERE resolved_at NOT BETWEEN created_at AND updated_at") == 0
    said = "JOIN ticket t ON t.id = said.ticket WHERE said.created_at NOT BETWEEN"
    assert await count(f"comment said {said} t.created_at AND now()") == 0
    assert await count(f"event said {said} t.created_at AND t.updated_at") == 0


async def test_due_dates_lie_behind_and_ahead(demo):
    assert await count("ticket WHERE due_date < current_date") > 0
    assert await count("ticket WHERE due_date > current_date") > 0


async def test_each_history_begins_with_its_creation_and_leads_to_the_present(demo):
    last_move = (
        "(SELECT DISTINCT ON (ticket) ticket, new_value FROM event WHERE field = 'column'"
        " ORDER BY ticket, id DESC) e JOIN ticket t ON t.id = e.ticket"
        ' JOIN board_column c ON c.id = t."column"'
    )
    creations = "(SELECT DISTINCT ON (ticket) action FROM event ORDER BY ticket, id) AS first"

    assert await count(f"{creations} WHERE action = 'created'") == 150
    assert await count(f"{last_move} WHERE e.new_value = to_jsonb(c.name)") > 0
    assert await count(f"{last_move} WHERE e.new_value <> to_jsonb(c.name)") == 0


async def test_a_recorded_assignment_names_those_who_are_assigned(demo):
    assigned = (
        "SELECT jsonb_agg(a.account ORDER BY a.account) FROM ticket_assignee a"
        " WHERE a.ticket = e.ticket"
    )

    assert await count(f"event e WHERE field = 'assignee_ids' AND new_value = ({assigned})") > 0
    assert await count(f"event e WHERE field = 'assignee_ids' AND new_value <> ({assigned})") == 0


async def test_a_calm_company_has_nothing_overdue_and_a_burning_one_does(empty_database):
    await load_demo(tickets=600)
    late = 'ticket t JOIN company o ON o.id = t.company JOIN board_column c ON c.id = t."column"'
    late += " WHERE c.category <> 'done' AND t.due_date < current_date AND o.name ="

    assert await count(f"{late} 'Harbour & Pine Hotels'") > 3
    assert await count(f"{late} 'Oakfield Dental Group'") == 0


async def test_the_georgian_company_writes_georgian(demo):
    georgian = f"ticket t JOIN company o ON o.id = t.company WHERE o.name ~ {GEORGIAN}"

    assert await count(f"{georgian} AND t.name ~ {GEORGIAN}") > 0
    assert await count(f"{georgian} AND t.name !~ {GEORGIAN}") == 0
    assert await count(f"comment WHERE content ~ {GEORGIAN}") > 0


async def test_titles_differ(demo):
    assert await count("(SELECT DISTINCT name FROM ticket) AS names") > 110


# Numbers


async def test_numbers_run_without_gaps_up_to_the_counter(demo):
    gapless = (
        "(SELECT project FROM ticket t JOIN project_counter c USING (project)"
        " GROUP BY project, c.last_number HAVING count(*) = c.last_number"
        " AND min(number) = 1 AND max(number) = c.last_number) AS numbered"
    )

    assert await count(gapless) == await count("project_counter") == 3


async def test_new_tickets_continue_the_numbering(demo):
    project = await scalar(Sql("SELECT id FROM project WHERE key = 'DEMO'"), int)
    column = await scalar(Sql("SELECT min(id) FROM board_column WHERE project = {}", project), int)
    highest = await count(f"ticket WHERE project = {project}")
    reporter = await add_person("newcomer")

    ticket = await add_ticket(project, column, reporter, "After the demo")

    number = await scalar(Sql("SELECT number FROM ticket WHERE id = {}", ticket), int)
    assert number == highest + 1
