"""What a real server writes to its log, and what never gets there."""

import msgspec
import pytest

from tests.operations.test_serving import ANA, register
from tests.world import PASSWORD

WRONG = "a wrong but private password"


@pytest.mark.parametrize("form", ["text", "json"])
def test_neither_tokens_passwords_nor_signatures_reach_the_log(start, database, tmp_path, form):
    server = start(LOG_LEVEL="debug", LOG_FORMAT=form, **database)
    with server.client() as client:
        headers = register(client)
        token = headers["Authorization"].removeprefix("Bearer ")
        refused = client.post("/auth/login/", json={"username": "ana", "password": WRONG})
        column = client.get("/columns/", headers=headers).json()[0]["id"]
        ticket = client.post("/tickets/", headers=headers, json={"name": "x", "column": column})
        attached = client.post(
            "/attachments/",
            headers=headers,
            data={"ticket": ticket.json()["id"]},
            files={"file": ("a.txt", b"a")},
        )
        address = attached.json()["file"]
        assert client.get(address).status_code == 200
        client.get("/tickets/?search=private+words", headers=headers)
        client.get("/auth/me/", headers={"Authorization": f"Bearer {token}broken"})
        client.get(f"/tickets/?token={token}")
        client.post("/tickets/", headers=headers, content=b'{"name": "cut off')
        client.post("/auth/logout/", json={"refresh": token})
    assert server.stop() == 0

    log = (tmp_path / "server.log").read_text(encoding="utf-8")

    assert refused.status_code == 400
    assert "POST /api/tickets/auth/login 400" in log
    for secret in (
        token,
        token.rpartition(".")[2],
        PASSWORD,
        WRONG,
        "signature=",
        address.rpartition("signature=")[2],
        "private",
        "Bearer",
        ANA["email"],
        "cut off",
    ):
        assert secret not in log


def test_json_lines_can_be_read_by_a_program(start, database, tmp_path):
    server = start("--workers", "2", LOG_FORMAT="json", **database)
    with server.client() as client:
        headers = {**register(client), "X-Request-ID": "a-request-of-ours"}
        client.get("/auth/me/", headers=headers)
    assert server.stop() == 0

    log = (tmp_path / "server.log").read_bytes()
    lines = [msgspec.json.decode(line) for line in log.splitlines()]
    [line] = [line for line in lines if line["request_id"] == "a-request-of-ours"]

    assert line.keys() == {
        "time",
        "level",
        "logger",
        "message",
        "request_id",
        "method",
        "path",
        "route",
        "status",
        "duration_ms",
        "account",
    }
    assert (line["route"], line["status"], line["account"]) == ("/api/tickets/auth/me", 200, 1)
