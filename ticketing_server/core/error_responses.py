"""Refusals become answers: the only place that knows their bodies (rulings 1.6, 1.7)."""

import logging
from collections.abc import Callable
from typing import Any

import asyncpg
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)

from ticketing_server.core.body import decode, explain
from ticketing_server.core.errors import (
    NON_FIELD,
    RETRY_AFTER,
    Delayed,
    Invalid,
    NoSpace,
    NotFound,
    Refusal,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from ticketing_server.core.media.files import is_full
from ticketing_server.core.methods import allow
from ticketing_server.core.structs import In

logger = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]
Explain = Callable[[asyncpg.IntegrityConstraintViolationError], Refusal]

# The database or the store is away, starting, full up, or locked for too long: try again.
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # asyncpg's answer on a connection that was told to end and is not closed yet.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


def exception_handlers(explain_violation: Explain) -> dict[int | type[Exception], Any]:
    """`explain_violation` says what a violated constraint means to a caller."""

    def on_violation(
        request: AnyRequest, error: asyncpg.IntegrityConstraintViolationError
    ) -> Response[Any]:
        return on_refusal(request, explain_violation(error))

    return {
        Refusal: on_refusal,
        ValidationException: on_wrong_parameter,
        HTTPException: on_http,
        asyncpg.IntegrityConstraintViolationError: on_violation,
        **dict.fromkeys(AWAY, on_away),
        Exception: on_bug,
    }


def on_refusal(_: AnyRequest, error: Refusal) -> Response[Any]:
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    if isinstance(error, Delayed):
        headers["Retry-After"] = str(error.retry_after)
    body: dict[str, Any] = {"detail": error.detail, **error.extra}
    if isinstance(error, Invalid):
        body = error.fields
    return Response(body, status_code=error.status, headers=headers)


def on_wrong_parameter(request: AnyRequest, error: ValidationException) -> Response[Any]:
    """A query parameter that Litestar could not read, or a body that is not there at all."""
    problems: list[dict[str, Any]] = error.extra if isinstance(error.extra, list) else []
    wrong: dict[str, list[str]] = {}
    for problem in problems:
        name = str(problem.get("key", NON_FIELD)).partition(".")[0]
        value = request.query_params.get(name)
        wrong.setdefault(name, []).append(explain(str(problem["message"]), value))
    if "data" in wrong or not wrong:
        return on_refusal(request, _without_body(request))
    return on_refusal(request, Invalid(wrong))


def _without_body(request: AnyRequest) -> Refusal:
    data = request.route_handler.parsed_data_field
    if data is not None and issubclass(data.annotation, In):
        try:
            decode(b"{}", data.annotation)
        except Refusal as refusal:
            return refusal
    return Refusal("JSON parse error - the body is empty.")


def on_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    match error:
        case NotFoundException():
            return on_refusal(request, NotFound())
        case MethodNotAllowedException():
            return _not_allowed(request, error)
        case HTTPException(status_code=413):
            return on_refusal(request, TooLarge())
        case _:
            detail = error.detail
    return Response({"detail": detail}, status_code=error.status_code, headers=error.headers)


def _not_allowed(request: AnyRequest, error: HTTPException) -> Response[Any]:
    given = {name.lower(): value for name, value in (error.headers or {}).items()}
    body = {"detail": f'Method "{request.method}" not allowed.'}
    headers = {"Allow": allow(given.get("allow", "").split(", "))}
    return Response(body, status_code=405, headers=headers)


def on_away(request: AnyRequest, error: Exception) -> Response[Any]:
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        # No statement was sent: a value of ours did not fit its parameter.
        return on_bug(request, error)
    logger.warning("unavailable: %s %s", type(error).__name__, error)
    if isinstance(error, OSError) and is_full(error):
        return on_refusal(request, NoSpace())
    return on_refusal(request, Unavailable(RETRY_AFTER))


def on_bug(_: AnyRequest, error: Exception) -> Response[Any]:
    logger.error("unhandled error", exc_info=error)
    return Response({"detail": "Internal server error."}, status_code=500)
