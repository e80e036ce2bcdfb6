"""People who go on writing whatever happens, and note what they were told was done."""

import itertools
import threading
import time
from collections.abc import Mapping
from typing import Any, Self

import httpx

from tests.faults.ledger import Ledger
from tests.world import PASSWORD

KIB = 1024
NUMBERS = itertools.count()
# Away for the moment: refused, cut off, or told to come again.
AWAY = httpx.TransportError
PAUSE_SECONDS = 0.05


class Unanswered(Exception):
    """Whether it was done, nobody knows."""


class Writers:
    """Write to one server from several threads, for as long as the block runs.

    Each founds one project after another, or with `headers` writes into that one person's.
    """

    def __init__(
        self,
        server: Any,
        ledger: Ledger,
        threads: int = 4,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._server, self._ledger, self._headers = server, ledger, headers
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        with self._server.client() as client:
            client.headers.update(self._headers or {})
            while not self._stop.is_set():
                try:
                    if not self._headers:
                        self._found_a_project(client)
                    self._five_tickets(client)
                except Unanswered:
                    self._stop.wait(PAUSE_SECONDS)

    def _found_a_project(self, client: httpx.Client) -> None:
        number = next(NUMBERS)
        key = f"K{number}"
        founder = f"founder-{number}"
        project = {"project_key": key, "project_name": key}
        token = self._send(client, "POST", "/auth/register/", json={**account(founder), **project})
        self._ledger.write("founder", founder)
        client.headers["Authorization"] = f"Bearer {token['tokens']['access']}"
        company = self._send(client, "POST", "/companies/", json={"name": founder})["id"]
        member = f"member-{number}"
        self._send(client, "POST", f"/companies/{company}/create_user/", json=account(member))
        self._ledger.write("member", member)

    def _five_tickets(self, client: httpx.Client) -> None:
        columns = self._send(client, "GET", "/columns/")
        for _ in range(5):
            self._one_ticket(client, columns)

    def _one_ticket(self, client: httpx.Client, columns: list[Any]) -> None:
        if self._stop.is_set():
            return
        new = {"name": "Written meanwhile", "column": columns[0]["id"], "tag_names": ["meanwhile"]}
        ticket = self._send(client, "POST", "/tickets/", json=new)["id"]
        self._ledger.write("ticket", ticket)
        comment = {"ticket": ticket, "content": "Seen."}
        said = self._send(client, "POST", "/comments/", json=comment)["id"]
        self._ledger.write("comment", said)
        kept, gone = (self._attach(client, ticket) for _ in range(2))
        self._delete(client, "attachment", gone)
        self._send(client, "PATCH", f"/tickets/{ticket}/", json={"column": columns[3]["id"]})
        self._ledger.write("done", ticket)
        if ticket % 3 == 0:
            self._ledger.strike("done", ticket)
            self._ledger.strike("comment", said)
            self._ledger.strike("attachment", kept)
            self._delete(client, "ticket", ticket)

    def _delete(self, client: httpx.Client, kind: str, id: int) -> None:
        self._ledger.strike(kind, id)
        self._send(client, "DELETE", f"/{kind}s/{id}/")
        self._ledger.write(f"deleted {kind}", id)

    def _attach(self, client: httpx.Client, ticket: int) -> int:
        form: Any = {"data": {"ticket": ticket}, "files": {"file": ("a.bin", b"x" * 100 * KIB)}}
        attached = self._send(client, "POST", "/attachments/", **form)["id"]
        self._ledger.write("attachment", attached)
        return attached

    def _send(self, client: httpx.Client, method: str, path: str, **body: Any) -> Any:
        """The answer's body. Raises Unanswered."""
        began = time.monotonic()
        try:
            answer = client.request(method, path, **body)
        except AWAY:
            self._ledger.answers[0] += 1
            raise Unanswered from None
        self._ledger.answers[answer.status_code] += 1
        if answer.status_code == 503 and "retry-after" in answer.headers:
            raise Unanswered
        if answer.is_error:
            self._ledger.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            raise Unanswered
        if method != "GET":
            self._ledger.latest = max(self._ledger.latest, began)
        return answer.json() if answer.content else None


def account(username: str) -> dict[str, str]:
    return {
        "username": username,
        "email": f"{username}@example.com",
        "password": PASSWORD,
        "password_confirm": PASSWORD,
    }
