"""One object with its ETag: `If-None-Match` on the way out, `If-Match` on the way in (1.10).

An ETag is `"<version>-<digest of the bytes>"`. The digest makes `If-None-Match` exact: a ticket's
answer also changes with its comments and its column's name. `If-Match` compares the version alone:
a comment by somebody else is no reason to refuse an edit.
"""

import re
from hashlib import blake2b
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.params import HeaderParameter
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp
from piccolo.table import Table

from ticketing_server.core.answer import Answer
from ticketing_server.core.db import Sql, scalar_or_none
from ticketing_server.core.errors import NotFound, Stale
from ticketing_server.core.written import Written

TAG = re.compile(r'(?:W/)?"(?:(\d{1,10})-)?[^"]*"')


class Entity(Response[Any]):
    """An object with a `version`; 304 when the caller already has these very bytes."""

    def render(self, content: Any, *args: Any, **given: Any) -> bytes:
        if isinstance(content, Written):
            return content.json.encode()
        return super().render(content, *args, **given)

    def to_asgi_response(
        self, app: Any, request: Request[Any, Any, Any], **given: Any
    ) -> ASGIResponse:
        answer = super().to_asgi_response(app, request, **given)
        version = getattr(self.content, "version", None)
        if version is None:
            return answer
        tag = _tag(version, answer.body)
        answer.headers["etag"] = tag
        return _unchanged(request, tag) or answer

    @staticmethod
    def answer(content: Written, request: Request[Any, Any, Any]) -> ASGIApp:
        """The same at once, for `@read`."""
        body = content.json.encode()
        tag = _tag(content.version, body)
        return _unchanged(request, tag) or Answer(body, {"etag": tag})


class IfMatch(msgspec.Struct, frozen=True):
    """The versions that the caller is willing to change; None: whichever is there."""

    versions: frozenset[int] | None = None

    def check(self, version: int) -> None:
        """Raises Stale."""
        if self.versions is not None and version not in self.versions:
            raise Stale


async def hold(table: type[Table], id: int, if_match: IfMatch) -> None:
    """Keeps others from changing the row until the change at hand is over. Raises NotFound, Stale.

    Others may go on pointing at it.
    """
    name = table._meta.tablename  # pyright: ignore[reportPrivateUsage]
    present = Sql(f"SELECT version FROM {name} WHERE id = {{}} FOR NO KEY UPDATE", id)
    version = await scalar_or_none(present, int)
    if version is None:
        raise NotFound
    if_match.check(version)


IfMatchHeader = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", description="An ETag: 412 when the object is no longer that version."
    ),
]


async def provide_if_match(header: IfMatchHeader = None) -> IfMatch:
    """Reads the `If-Match` header."""
    if header is None or header.strip() == "*":
        return IfMatch()
    return IfMatch(frozenset(int(found) for found in TAG.findall(header) if found))


def _tag(version: int, body: bytes) -> str:
    return f'"{version}-{blake2b(body, digest_size=12).hexdigest()}"'


def _unchanged(request: Request[Any, Any, Any], tag: str) -> ASGIResponse | None:
    if request.method == "GET" and _names(_if_none_match(request), tag):
        return ASGIResponse(status_code=304, headers={"etag": tag})
    return None


def _if_none_match(request: Request[Any, Any, Any]) -> str:
    """Straight from what was sent: Litestar's mapping of headers costs more than this answer."""
    sent = request.scope["headers"]
    return ", ".join(value.decode("latin-1") for name, value in sent if name == b"if-none-match")


def _names(header: str, tag: str) -> bool:
    listed = [one.strip().removeprefix("W/") for one in header.split(",")]
    return tag in listed or "*" in listed
