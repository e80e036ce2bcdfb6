"""`serve`: what an operator sees of it."""

import signal
import subprocess

import httpx

from tests.operations.conftest import SECRET, run
from tests.world import PASSWORD

ANA = {
    "username": "ana",
    "email": "ana@example.com",
    "password": PASSWORD,
    "password_confirm": PASSWORD,
    "project_key": "HELP",
    "project_name": "Help desk",
}


def register(client: httpx.Client) -> dict[str, str]:
    registered = client.post("/auth/register/", json=ANA).raise_for_status().json()
    return {"Authorization": f"Bearer {registered['tokens']['access']}"}


def test_a_newcomer_starts_it_stops_it_and_finds_the_data_again(start, tmp_path):
    server = start("--data-dir", "my data")
    with server.client() as client:
        headers = register(client)
        column = client.get("/columns/", headers=headers).json()[0]["id"]
        client.post("/tickets/", headers=headers, json={"name": "Printer", "column": column})
    assert server.ready.endswith(f"is ready at http://127.0.0.1:{server.port}/\n")
    assert server.stop() == 0

    with start("--data-dir", "my data").client() as client:
        found = client.get("/tickets/?search=printer", headers=headers).json()

    assert [ticket["key"] for ticket in found["results"]] == ["HELP-1"]
    assert (tmp_path / "my data" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_killed_server_takes_its_database_with_it_and_loses_nothing(start, tmp_path):
    server = start()
    with server.client() as client:
        headers = register(client)
    server.stop(signal.SIGKILL)

    with start().client() as client:
        assert client.get("/auth/me/", headers=headers).json()["username"] == "ana"


def test_several_workers_serve_one_database(start, database):
    server = start("--workers", "2", **database)
    with server.client() as client:
        headers = register(client)
    answers = [httpx.get(f"{client.base_url}auth/me/", headers=headers) for _ in range(8)]

    assert {answer.status_code for answer in answers} == {200}
    assert server.stop() == 0


def test_a_named_database_is_used_and_no_other_started(start, database, tmp_path):
    server = start(**database)

    with server.client() as client:
        assert client.get("/projects/").status_code == 401
    assert not (tmp_path / "data" / "postgres").exists()


def test_interrupting_it_on_the_terminal_is_a_clean_stop(start, database):
    assert start(**database).stop(signal.SIGINT) == 0


def test_a_taken_port_is_said_in_one_line(start, database, tmp_path):
    taken = start(**database).port

    second = run("serve", "--port", str(taken), cwd=tmp_path, **database)

    assert second.status == 1
    assert second.err == f"Cannot listen on 127.0.0.1:{taken}: Address already in use.\n"


def test_a_wrong_setting_is_one_line_and_status_2(tmp_path):
    refused = run("serve", cwd=tmp_path, DEBUG="perhaps")

    assert refused.status == 2
    assert refused.err == "DEBUG: got 'perhaps', wants true or false.\n"


def test_a_short_secret_key_stops_the_start(tmp_path, database):
    refused = run("serve", cwd=tmp_path, **{**database, "SECRET_KEY": "short"})

    assert refused.status == 2
    assert refused.err.startswith("SECRET_KEY: ")
    assert "short'" not in refused.err


def test_a_super_secret_key_stops_the_start_while_debug_is_off(tmp_path, database):
    refused = run("serve", cwd=tmp_path, SUPER_SECRET_KEY="let me in", **database)

    assert refused.status == 2
    assert "SUPER_SECRET_KEY" in refused.err
    assert "let me in" not in refused.err


def test_a_database_that_is_not_there_is_said_in_one_line(tmp_path):
    nowhere = "postgresql://ticketing:password@127.0.0.1:1/ticketing"

    refused = run("migrate", cwd=tmp_path, DATABASE_URL=nowhere, SECRET_KEY=SECRET)

    assert refused.status == 1
    assert len(refused.err.splitlines()) == 1
    assert "Traceback" not in refused.err


def test_migrating_several_times_at_once_is_safe(tmp_path, database):
    from tests.operations.conftest import COMMAND, environment

    processes = [
        subprocess.Popen([*COMMAND, "migrate"], cwd=tmp_path, env=environment(**database))
        for _ in range(3)
    ]

    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
