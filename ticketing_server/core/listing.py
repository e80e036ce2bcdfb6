"""Lists: pages, their links, and what a list says about the request (rulings 1.3, 1.4, 1.12)."""

import functools
import math
from typing import Annotated, Any, Generic, TypeVar, cast
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from litestar import Request, Response
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from ticketing_server.core.answer import Answer
from ticketing_server.core.db import Sql, literal, scalar
from ticketing_server.core.errors import NotFound
from ticketing_server.core.structs import BIGGEST, Out

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]

DEFAULT_SIZE, BIGGEST_SIZE = 20, 100
# More digits than any page has; Python reads no number of thousands of them.
LONGEST_NUMBER = 20
# In the scope's state, and not by `request.state`, which copies it each time that it is named.
BARE = "bare"

PageNumber = Annotated[
    str | None,
    QueryParameter(
        description="Page number, from 1. A page that does not exist is a 404.",
        schema_extra={"type": "integer", "one_of": None, "minimum": 1, "default": 1},
    ),
]
PageSize = Annotated[
    str | None,
    QueryParameter(
        description="Items per page; above 100 means 100, anything unreadable means 20.",
        schema_extra={"type": "integer", "one_of": None, "default": 20},
    ),
]

# Litestar drops the limits of `Id | None` without a word, and the database refuses 2^63.
IdParameter = Annotated[int | None, QueryParameter(ge=1, le=BIGGEST)]


class Paged(Out, Generic[T]):
    """A page of a list. `next` and `previous` are absolute, null at the ends."""

    count: int
    next: str | None
    previous: str | None
    results: list[T]


class Page(msgspec.Struct, frozen=True):
    """`number` counts from 1. `asked` is false when the caller named neither page nor size."""

    number: int
    size: int
    asked: bool

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def limits(self) -> Sql:
        return Sql("LIMIT {} OFFSET {}", literal(self.size), literal(self.offset))

    def check(self, count: int) -> None:
        """Page 1 of an empty list exists; any other page past the end does not."""
        if self.number > max(1, math.ceil(count / self.size)):
            raise InvalidPage

    def told_by(self, shown: int) -> int | None:
        """How many there are on all pages, where this one tells by showing fewer than it could."""
        is_last = 0 < shown < self.size or (shown == 0 and self.number == 1)
        return self.offset + shown if is_last else None


async def count_all(page: Page, found: list[Any], counting: Sql) -> int:
    """How many there are on all pages; counted only where this one does not tell."""
    told = page.told_by(len(found))
    return await scalar(counting, int) if told is None else told


class InvalidPage(NotFound):
    detail = "Invalid page."


async def provide_page(page: PageNumber = None, page_size: PageSize = None) -> Page:
    """As a dependency: see `page_of`."""
    return page_of(page, page_size)


def page_of(page: str | None, page_size: str | None) -> Page:
    """Reads `page` and `page_size`. Raises InvalidPage."""
    number = _number("1" if page is None else page)
    size = _number(page_size or "")
    if number is None or number * BIGGEST_SIZE > BIGGEST:
        raise InvalidPage
    return Page(
        number=number,
        size=min(size or DEFAULT_SIZE, BIGGEST_SIZE),
        asked=page is not None or page_size is not None,
    )


def paged(request: AnyRequest, page: Page, count: int, results: list[T]) -> Paged[T]:
    """Raises InvalidPage when the page lies past the end."""
    page.check(count)
    return Paged(
        count=count,
        next=_link(request, page.number + 1) if page.offset + page.size < count else None,
        previous=_link(request, page.number - 1) if page.number > 1 else None,
        results=results,
    )


def cut(request: AnyRequest, page: Page, items: list[T]) -> list[T]:
    """A bare array: whole, or the page that was asked for. Raises InvalidPage."""
    if not page.asked:
        return items
    return bare(request, page, items[page.offset : page.offset + page.size], len(items))


def bare(request: AnyRequest, page: Page, items: list[T], count: int) -> list[T]:
    """A bare array of which the database has already cut the page. Raises InvalidPage."""
    if page.asked:
        page.check(count)
    request.scope["state"][BARE] = (page, count)
    return items


class ListResponse(Response[Any]):
    """Names parameters that the list does not know; counts and links a bare array."""

    def to_asgi_response(self, app: Any, request: AnyRequest, **given: Any) -> ASGIResponse:
        answer = super().to_asgi_response(app, request, **given)
        for name, value in _headers(request, self.content).items():
            answer.headers[name] = value
        return answer

    @staticmethod
    def answer(content: Any, request: AnyRequest) -> ASGIApp:
        """The same at once, for `@read`: structs, lists of them, or JSON written already."""
        return Answer(msgspec.json.encode(content), _headers(request, content))


def _number(text: str) -> int | None:
    """None for 0 and for what is no number; one too long to matter is merely very big."""
    is_number = text.isascii() and text.isdecimal()
    digits = text.lstrip("0") if is_number else ""
    return int(digits[:LONGEST_NUMBER]) if digits else None


def _headers(request: AnyRequest, content: Any) -> dict[str, str]:
    headers: dict[str, str] = {}
    known = _known_parameters(request.route_handler, tuple(request.path_params))
    if unknown := sorted(set(request.query_params) - known):
        headers["x-unknown-parameters"] = ", ".join(map(quote, unknown))
    if of_whole := request.scope["state"].get(BARE):
        headers |= _of_array(request, *of_whole)
    elif isinstance(content, list):
        headers["x-total-count"] = str(len(cast(list[Any], content)))
    return headers


def _of_array(request: AnyRequest, page: Page, count: int) -> dict[str, str]:
    headers = {"x-total-count": str(count)}
    if page.asked:
        last = max(1, math.ceil(count / page.size))
        numbers = {"first": 1, "prev": page.number - 1, "next": page.number + 1, "last": last}
        headers["link"] = ", ".join(
            f'<{_link(request, number)}>; rel="{rel}"'
            for rel, number in numbers.items()
            if 1 <= number <= last
        )
    return headers


def _link(request: AnyRequest, number: int) -> str:
    """The request's own address with another page; its host was validated at the door."""
    path = request.scope["raw_path"].decode("ascii").partition("?")[0].rstrip("/") + "/"
    # As sent, in the order sent: Litestar's own mapping keeps neither blanks nor the order.
    sent = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    others = [(key, value) for key, value in sent if key != "page"]
    query = urlencode([*others, ("page", str(number))])
    # Not by `request.headers`, which is made of all of them first.
    host = dict(request.scope["headers"])[b"host"].decode("latin-1")
    return f"{request.scope['scheme']}://{host}{path}?{query}"


@functools.cache
def _known_parameters(handler: BaseRouteHandler, path: tuple[str, ...]) -> frozenset[str]:
    model = handler.create_kwargs_model(path_parameters=cast(dict[str, Any], dict.fromkeys(path)))
    return frozenset(param.field_alias for param in model.expected_query_params)
