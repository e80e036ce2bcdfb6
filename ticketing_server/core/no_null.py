"""An address cannot say null: the text `null` is no number, and no way to leave a filter out.

msgspec reads it as None wherever None may be, and `?project=null` would list every project's.
"""

import functools
from collections.abc import Iterator

from litestar.handlers import HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.params import ParameterKwarg
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.typing import FieldDefinition

from ticketing_server.core.body import JSONRequest, explain
from ticketing_server.core.errors import Invalid


class NoNull(ASGIMiddleware):
    """Refuses the text `null` where a number or a yes or no is asked for (rulings 4.9)."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if may_say_null(scope):
            _check(JSONRequest(scope, receive))
        await next_app(scope, receive, send)


def may_say_null(scope: Scope) -> bool:
    """Whether it has to be looked for."""
    return b"null" in scope["query_string"].lower()


def _check(request: JSONRequest) -> None:
    wrong = {
        name: explain(f"Expected `{kind}`, got `str`", value)
        for name, kind in _wordless(request.route_handler).items()
        for value in request.query_params.getall(name, [])
        if value.lower() == "null"
    }
    if wrong:
        raise Invalid(wrong)


@functools.cache
def _wordless(handler: HTTPRouteHandler) -> dict[str, str]:
    """The parameters that may be left out and are no text, with their type's name."""
    return {
        (field.kwarg_definition.name or name): _kind(field)
        for name, field in _fields(handler)
        if isinstance(field.kwarg_definition, ParameterKwarg)
        and field.is_optional
        and not field.has_inner_subclass_of((str, list))
    }


def _fields(handler: HTTPRouteHandler) -> Iterator[tuple[str, FieldDefinition]]:
    signatures = [each.parsed_fn_signature for each in handler.resolve_dependencies().values()]
    for signature in [*signatures, handler.parsed_fn_signature]:
        yield from signature.parameters.items()


def _kind(field: FieldDefinition) -> str:
    named = [getattr(one.annotation, "__name__", "value") for one in field.inner_types]
    return next(name for name in named if name != "NoneType")
