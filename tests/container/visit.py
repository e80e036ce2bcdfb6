"""What somebody does on a new server, from the container's own loopback; tells it as JSON.

A script of its own, because only a process can enter another network: `test_steps.py` starts it.
"""

import json
import sys

import httpx

from tests.pictures import drawn

ANA = {
    "username": "ana",
    "email": "ana@example.com",
    "password": "a good long password",
    "password_confirm": "a good long password",
    "project_key": "HELP",
    "project_name": "Help desk",
}


def main() -> None:
    with httpx.Client(base_url="http://127.0.0.1:8000/api/tickets", timeout=20) as client:
        registered = client.post("/auth/register/", json=ANA).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {registered['tokens']['access']}"
        company = client.post("/companies/", data={"name": "Acme"}, files={"logo": drawn()})
        column = client.get("/columns/").json()[0]["id"]
        made = client.post("/tickets/", json={"name": "Printer", "column": column})
        ticket = made.raise_for_status().json()
        sent = client.post(
            "/attachments/",
            data={"ticket": str(ticket["id"])},
            files={"file": b"its log"},
        )
        told = {
            "ticket": ticket["key"],
            "logo": client.get(company.raise_for_status().json()["logo_url"]).status_code,
            "attachment": client.get(sent.raise_for_status().json()["file"]).text,
        }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
