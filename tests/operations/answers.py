"""Everything a server answers about its projects, so that two servers can be compared.

Two things differ by nature: the host in links, so both are asked under one name, and the signature
in a file's address, which changes with the minute; both are cut out, with the digest of their ETag.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx

# Each row's own answers, by the list that names the rows.
BY_ROW = {
    "projects": ["", "members/", "permissions/", "invitations/"],
    "companies": ["", "stats/", "tickets/"],
    "tickets": ["", "history/"],
    "users": ["", "roles/"],
    "tags": ["", "contacts/"],
    "contacts": [""],
    "columns": [""],
}
OF_A_TICKET = ["/comments/?ticket={id}", "/attachments/?ticket={id}"]
ORDERED = ["priority_id", "created_at", "name", "updated_at"]
SEARCHED = ["printer", "vpn", "ბეჭდვა", "50%"]
SIGNATURE = re.compile(rb"\?expires=\d+&signature=[0-9a-f]+")


def paths(client: httpx.Client, projects: list[int]) -> Iterator[str]:
    """The paths below `/api/tickets` that tell about the projects and what is in them."""
    yield from ("/auth/me/", "/projects/", "/users/?page_size=100", "/companies/?page_size=100")
    for project in projects:
        yield from (f"/tickets/?project={project}&page={page}&page_size=50" for page in (1, 2))
        yield from (f"/tickets/?project={project}&ordering={field}" for field in ORDERED)
        yield from (f"/tickets/?project={project}&search={word}" for word in SEARCHED)
    for name, ends in BY_ROW.items():
        for id in ids(client, name, projects):
            yield from (f"/{name}/{id}/{end}" for end in ends)
            if name == "tickets":
                yield from (path.format(id=id) for path in OF_A_TICKET)


def ids(client: httpx.Client, name: str, projects: list[int]) -> list[int]:
    if name == "projects":
        return projects
    found: list[int] = []
    for project in projects:
        answer = client.get(f"/{name}/", params={"project": project, "page_size": 100})
        found += [row["id"] for row in listed(answer.raise_for_status().json())]
    return sorted(set(found))


def listed(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else answer["results"]


def answer(client: httpx.Client, path: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body, and the headers that say something about the data."""
    told = client.get(path, headers={"Host": "localhost"})
    body, cut = SIGNATURE.subn(b"", told.content)
    headers = {name: told.headers.get(name, "") for name in ("link", "x-total-count", "etag")}
    if cut:
        headers["etag"] = headers["etag"].partition("-")[0]
    return told.status_code, body, headers
