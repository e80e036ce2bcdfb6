"""A request with a multipart form, read as a stream; and the same request with a JSON body."""

from typing import Any, cast

from litestar.types import Empty, Receive, Scope
from litestar.utils.scope.state import ScopeState
from multipart import (
    MultipartError,
    PushMultipartParser,
    parse_options_header,  # pyright: ignore[reportUnknownVariableType]
)

from ticketing_server.core.errors import Refusal, TooLarge, UnsupportedMediaType
from ticketing_server.core.media.form import Form

MULTIPART = "multipart/form-data"
DESCRIBED = (b"content-type", b"content-length", b"transfer-encoding")


class Interrupted(Refusal):
    """The client is gone; nobody reads this."""

    detail = "The upload was interrupted."


def is_form(scope: Scope) -> bool:
    return _media_type(scope)[0] == MULTIPART


async def read_form(scope: Scope, receive: Receive, form: Form) -> None:
    """To its end, which leaves it whole. Raises TooLarge as soon as that is known, Refusal."""
    parser = _parser(scope, form.limits.parts)
    announced = dict(scope["headers"]).get(b"content-length", b"")
    if announced.isdigit() and int(announced) > form.limits.body:
        raise _too_large(form)
    try:
        await _read(receive, parser, form)
    except MultipartError as error:
        raise Refusal(f"Multipart form parse error - {error}") from None
    except TooLarge:
        raise _too_large(form) from None


def with_json_body(scope: Scope) -> Scope:
    """The same request, as if it had come as JSON of unknown length."""
    others = [pair for pair in scope["headers"] if pair[0] not in DESCRIBED]
    # With CORS on, Litestar has read the old headers already, and would go on believing them.
    ScopeState.from_scope(scope).headers = Empty
    headers = [*others, (b"content-type", b"application/json")]
    return cast(Any, {**scope, "headers": headers})


def whole(body: bytes) -> Any:
    """The one message of a request that has come whole."""
    return {"type": "http.request", "body": body, "more_body": False}


def _too_large(form: Form) -> TooLarge:
    return TooLarge(f"The file is larger than {form.limits.file // 1024**2} MB.")


def _media_type(scope: Scope) -> tuple[str, dict[str, str]]:
    given = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
    return cast(tuple[str, dict[str, str]], parse_options_header(given))


def _parser(scope: Scope, most_parts: int) -> PushMultipartParser:
    media_type, options = _media_type(scope)
    if media_type != MULTIPART:
        raise UnsupportedMediaType(f'Unsupported media type "{media_type}" in request.')
    try:
        boundary = options.get("boundary", "").encode("latin-1")
        return PushMultipartParser(boundary, max_segment_count=most_parts)
    except MultipartError as error:
        raise Refusal(f"Multipart form parse error - {error}") from None


async def _read(receive: Receive, parser: PushMultipartParser, form: Form) -> None:
    received, is_last = 0, False
    while not is_last:
        message = cast(dict[str, Any], await receive())
        if message["type"] == "http.disconnect":
            raise Interrupted
        chunk: bytes = message.get("body", b"")
        received += len(chunk)
        if received > form.limits.body:
            raise TooLarge
        for event in parser.parse(chunk) if chunk else ():
            await form.take(event)
        is_last = not message.get("more_body")
    parser.close()
