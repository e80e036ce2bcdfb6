"""A project to write into: who its superadmin is, and in which column tickets go."""

from dataclasses import dataclass
from typing import Any

from tests.operations.test_serving import register

TICKETS = "/api/tickets/tickets/"
LIST = "/api/tickets/tickets/?page_size=20"


@dataclass
class Desk:
    headers: dict[str, str]
    column: int

    def ticket(self, name: str = "Printer") -> dict[str, Any]:
        """What to POST for a new one."""
        return {"name": name, "column": self.column}


def open_desk(server: Any) -> Desk:
    with server.client() as client:
        headers = register(client)
        column = client.get("/columns/", headers=headers).json()[0]["id"]
    return Desk(headers, column)
