"""The OpenAPI document: what Litestar knows of the handlers, completed by what they share."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

from ticketing_server import __version__
from ticketing_server.access.authentication import OPEN
from ticketing_server.core.entity import Entity
from ticketing_server.core.listing import ListResponse
from ticketing_server.openapi import examples
from ticketing_server.openapi.answers import ANSWERS, HEADERS, SCHEMAS, Described

DESCRIPTION = """Tickets of many client companies on kanban boards.

Sign in at `/api/tickets/auth/login/` and send the access token as `Authorization: Bearer …`.
Every path answers with and without its trailing slash, `HEAD` wherever `GET` does. Lists name
query parameters that they do not know in `X-Unknown-Parameters`.
"""
ID: Described = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
IDEMPOTENCY_KEY: Described = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body within 24 hours get the first answer again.",
    "schema": {"type": "string", "maxLength": 255},
}
IF_NONE_MATCH: Described = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "An ETag: 304 while the object still has it.",
    "schema": {"type": "string"},
}
GENERIC = re.compile(r"(\w+?)_ticketing_server\.[\w.]+\.(\w+?)_(?=\")")
PAGE: Described = {"type": "integer", "minimum": 1}


CONFIG = OpenAPIConfig(
    title="Ticketing Server",
    version=__version__,
    description=DESCRIPTION,
    use_handler_docstrings=True,
    components=Components(
        security_schemes={
            "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
            "superSecretKey": SecurityScheme(
                type="apiKey",
                name="X-Super-Secret-Key",
                security_scheme_in="header",
                description="Development only: acts as the first superuser.",
            ),
        }
    ),
    security=[{"bearer": []}, {"superSecretKey": []}],
)


def complete(app: Litestar) -> Described:
    """The document of an application that was made with CONFIG."""
    document: Described = app.openapi_schema.to_schema()
    components = document["components"]
    components["schemas"] = {**components.get("schemas", {}), **SCHEMAS}
    components["headers"] = HEADERS
    paths: Described = document["paths"]
    for path, method, handler in _operations(app):
        _complete_operation(paths[path][method], path, method, handler)
    document["paths"] = {path.rstrip("/") + "/": item for path, item in paths.items()}
    return _with_short_names(document)


def _with_short_names(document: Described) -> Described:
    """`PagedTicketOut`, where Litestar spells a generic out with its modules."""
    spelled = msgspec.json.encode(document).decode()
    return msgspec.json.decode(GENERIC.sub(r"\1\2", spelled))


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            if handler.resolve_include_in_schema() and method != "OPTIONS":
                yield route.path_format, method.lower(), handler


def _complete_operation(
    operation: Described, path: str, method: str, handler: HTTPRouteHandler
) -> None:
    name = _name(handler)
    verb = handler.handler_name.removesuffix("_page").replace("_", " ")
    operation |= {"operationId": name, "summary": verb.capitalize()}
    is_open = bool(handler.opt.get(OPEN))
    if is_open:
        operation["security"] = []
    _complete_parameters(operation, path, method, handler)
    _complete_success(operation, name, handler)
    statuses = _statuses(operation, path, method, is_open=is_open)
    operation["responses"] |= {status: ANSWERS[status] for status in statuses}
    if name in examples.REQUESTS:
        body = operation["requestBody"]["content"]["application/json"]
        body["example"] = examples.REQUESTS[name]


def _name(handler: HTTPRouteHandler) -> str:
    """`tickets_create`: the controller's name and the handler's."""
    return handler.fn.__qualname__.replace(".", "_").lower()


def _complete_parameters(
    operation: Described, path: str, method: str, handler: HTTPRouteHandler
) -> None:
    parameters: list[Described] = operation.setdefault("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "path":
            parameter["schema"] = ID
        elif parameter["name"] in ("page", "page_size"):
            parameter["schema"] = PAGE
    if method == "post" and not handler.opt.get(OPEN):
        parameters.append(IDEMPOTENCY_KEY)
    if method == "get" and handler.resolve_response_class() is Entity:
        parameters.append(IF_NONE_MATCH)


def _complete_success(operation: Described, name: str, handler: HTTPRouteHandler) -> None:
    response_class: Any = handler.resolve_response_class()
    headers = ["X-Request-ID"]
    for status, answer in operation["responses"].items():
        if not status.startswith("2"):
            continue
        body = answer.get("content", {}).get("application/json")
        is_array = bool(body) and body["schema"].get("type") == "array"
        if response_class is Entity:
            headers.append("ETag")
        if response_class is ListResponse:
            headers.append("X-Unknown-Parameters")
            headers += ["X-Total-Count", "Link"] if is_array else []
        if body and name in examples.ANSWERS:
            body["example"] = examples.ANSWERS[name]
        answer["headers"] = {each: {"$ref": f"#/components/headers/{each}"} for each in headers}


def _statuses(operation: Described, path: str, method: str, *, is_open: bool) -> list[str]:
    has_body = "requestBody" in operation
    changes = method != "get"
    wanted = {
        "400": True,
        "401": not is_open or "refresh" in path or "logout" in path,
        "403": changes or "{" in path,
        "404": "{" in path or method == "get",
        "409": changes,
        "412": any(parameter["name"] == "If-Match" for parameter in operation["parameters"]),
        "413": has_body,
        "415": has_body,
        "429": is_open and "logout" not in path,
        "503": True,
    }
    return [status for status, is_possible in wanted.items() if is_possible]
