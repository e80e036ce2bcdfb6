"""Refusals in the shapes that Piccolo Admin's page can show."""

from typing import Any

from litestar import Response

from ticketing_server.access.guards import AnyRequest
from ticketing_server.core.errors import Invalid, Refusal


def said_by_field(_: AnyRequest, refusal: Refusal) -> Response[Any]:
    """Above a form: field by field, or as a sentence."""
    if not isinstance(refusal, Invalid):
        return Response(refusal.detail, status_code=refusal.status, media_type="text/plain")
    said = [
        {"loc": ["body", field], "msg": message}
        for field, messages in refusal.fields.items()
        for message in messages
    ]
    return Response({"detail": said}, status_code=422)


def said_at_once(_: AnyRequest, wrong: Invalid) -> Response[Any]:
    """Where the page has room for one sentence."""
    said = " ".join(message for messages in wrong.fields.values() for message in messages)
    return Response({"detail": said}, status_code=422)
