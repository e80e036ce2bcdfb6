"""People who go on working: tickets are written, moved and commented on, files come and go."""

import threading
from collections import Counter
from typing import Any, Self

import httpx

KIB = 1024


class Load:
    """Writes to one server from several threads, for as long as the block runs."""

    def __init__(self, server: Any, headers: dict[str, str], threads: int = 3) -> None:
        self._server, self._headers = server, headers
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(threads)]
        self.done: Counter[str] = Counter()
        self.failed: list[str] = []

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
            client.headers.update(self._headers)
            columns = [column["id"] for column in client.get("/columns/").json()]
            while not self._stop.is_set():
                self._one_ticket(client, columns)

    def _one_ticket(self, client: httpx.Client, columns: list[int]) -> None:
        new = {"name": "Written meanwhile", "column": columns[0], "tag_names": ["meanwhile"]}
        ticket = self._send(client, "POST", "/tickets/", json=new)["id"]
        kept, gone = [self._upload(client, ticket) for _ in range(2)]
        self._send(client, "POST", "/comments/", json={"ticket": ticket, "content": "Seen."})
        self._send(client, "PATCH", f"/tickets/{ticket}/", json={"column": columns[2]})
        self._send(client, "DELETE", f"/attachments/{gone}/")
        if kept % 3 == 0:
            self._send(client, "DELETE", f"/tickets/{ticket}/")

    def _upload(self, client: httpx.Client, ticket: int) -> int:
        form = {"data": {"ticket": ticket}, "files": {"file": ("a.bin", b"x" * 300 * KIB)}}
        return self._send(client, "POST", "/attachments/", **form)["id"]

    def _send(self, client: httpx.Client, method: str, path: str, **body: Any) -> Any:
        answer = client.request(method, path, **body)
        self.done[method] += 1
        if answer.is_error:
            self.failed.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None
