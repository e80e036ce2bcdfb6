"""What a rule raises when it says no. HTTP is spoken elsewhere (`error_responses`)."""

from collections.abc import Mapping, Sequence
from typing import Any

NON_FIELD = "non_field_errors"
# In seconds: when whoever found us too busy, or without our database, is to come again.
RETRY_AFTER = 5


class Unfit(ValueError):
    """A value that is not taken; says why, and whoever reads it knows in which field it stood."""


class Refusal(Exception):
    """Base of everything a caller is told. `extra` joins the answer's body beside `detail`."""

    status = 400
    detail = "Bad request."

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        self.detail = detail or self.detail
        self.extra = extra
        super().__init__(self.detail)


class Invalid(Refusal):
    """Wrong input; names each wrong field with its messages (rulings 1.6)."""

    detail = "Invalid input."

    def __init__(
        self, fields: Mapping[str, str | Sequence[str]] | None = None, /, **more: str
    ) -> None:
        super().__init__()
        named = {**(fields or {}), **more}
        self.fields = {
            name: [messages] if isinstance(messages, str) else list(messages)
            for name, messages in named.items()
        }


class Unauthenticated(Refusal):
    status = 401
    detail = "Authentication credentials were not provided."


class Forbidden(Refusal):
    status = 403
    detail = "You do not have permission to perform this action."


class NotFound(Refusal):
    status = 404
    detail = "Not found."


class Conflict(Refusal):
    """The request is fine; the present state is not (rulings 1.7)."""

    status = 409
    detail = "The request conflicts with the present state."


class Stale(Refusal):
    """`If-Match` named a version that is no longer the present one (rulings 1.10)."""

    status = 412
    detail = "The resource has changed since you read it."


class TooLarge(Refusal):
    status = 413
    detail = "Request body is too large."


class UnsupportedMediaType(Refusal):
    status = 415
    detail = "Unsupported media type in request."


class Delayed(Refusal):
    """A refusal that says when to come back, in whole seconds."""

    def __init__(self, retry_after: int, detail: str | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Throttled(Delayed):
    status = 429
    detail = "Request was throttled."


class Unavailable(Delayed):
    status = 503
    detail = "Service temporarily unavailable, try again later."


class NoSpace(Refusal):
    """The disk, or the share of it that is ours, is full: only the operator can change that."""

    status = 507
    detail = "There is no space left to store the file."


def missing(pk: object) -> str:
    """The reference's wording for an id that names nothing."""
    return f'Invalid pk "{pk}" - object does not exist.'
