"""The other commands, from start to end."""

import json
import os
import subprocess

import pytest

from tests.operations.conftest import COMMAND, environment, run


def test_a_superuser_made_at_the_command_line_may_do_everything(start, database, tmp_path):
    made = run(
        "create-superuser",
        *("--username", "root", "--email", "root@example.com", "--password-stdin"),
        cwd=tmp_path,
        typed="a good long password\n",
        **database,
    )
    assert (made.status, made.out) == (0, "Superuser root created.\n")

    with start(**database).client() as client:
        signed_in = client.post(
            "/auth/login/", json={"username": "ROOT", "password": "a good long password"}
        ).json()
        headers = {"Authorization": f"Bearer {signed_in['tokens']['access']}"}
        assert client.get("/auth/me/", headers=headers).json()["is_superuser"] is True


def test_a_weak_or_ill_named_superuser_is_refused_by_field(database, tmp_path):
    refused = run(
        "create-superuser",
        *("--username", "r", "--email", "nobody", "--password-stdin"),
        cwd=tmp_path,
        typed="short\n",
        **database,
    )

    assert refused.status == 1
    named = {line.partition(":")[0] for line in refused.err.splitlines()}
    assert named == {"username", "email", "password"}


def test_the_demo_is_refused_outside_debug(database, tmp_path):
    refused = run("demo", cwd=tmp_path, **database)

    assert refused.status == 2
    assert refused.err.startswith("DEBUG: got off")


def test_the_demo_lets_admin_in_and_shows_a_full_board(start, database, tmp_path):
    settings = {**database, "DEBUG": "true", "SUPER_SECRET_KEY": "dev-super-secret-key-12345"}
    assert run("demo", cwd=tmp_path, **settings).status == 0

    with start(**settings).client() as client:
        key = {"X-Super-Secret-Key": "dev-super-secret-key-12345"}
        assert client.get("/tickets/", headers=key).json()["count"] == 400
        assert client.get("/auth/me/", headers=key).json()["username"] == "admin"


def test_a_wrong_bucket_is_one_line(tmp_path, database):
    refused = run("serve", cwd=tmp_path, **database, MEDIA_URL="/srv/media")

    assert refused.status == 2
    assert refused.err == (
        "MEDIA_URL: got another address, wants s3://bucket or s3://bucket/prefix, or to be unset"
        " for a directory.\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "wants"),
    [
        ("--port", "99999", "wants a whole number from 0 to 65535"),
        ("--port", "http", "wants a whole number from 0 to 65535"),
        ("--workers", "0", "wants a whole number from 1"),
        ("--workers", "many", "wants a whole number from 1"),
    ],
)
def test_a_number_that_cannot_be_is_told_with_what_it_wants(tmp_path, option, value, wants):
    refused = run("serve", option, value, cwd=tmp_path)

    assert refused.status == 2
    assert refused.err.endswith(f"error: argument {option}: {wants}\n")


def test_the_openapi_document_is_printed(database, tmp_path):
    printed = run("openapi", cwd=tmp_path, **database)

    assert printed.status == 0
    assert json.loads(printed.out)["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    "command", [["--help"], ["openapi"], ["plugins"], ["doctor"], ["export-user", "root"]]
)
def test_a_command_that_nobody_reads_any_further_ends_without_a_word(database, tmp_path, command):
    """As in `ticketing-server openapi | head -1`."""
    made = ("--username", "root", "--email", "root@example.com", "--password-stdin")
    run("create-superuser", *made, cwd=tmp_path, typed="a good long password\n", **database)
    reading, writing = os.pipe()
    os.close(reading)

    ended = subprocess.run(
        [*COMMAND, *command],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(**database),
        check=False,
    )
    os.close(writing)

    assert (ended.returncode, ended.stderr) == (141, b"")
