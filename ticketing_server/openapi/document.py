"""The OpenAPI document: what Litestar knows of the handlers, completed by what they share."""

from collections.abc import Iterator
from typing import Any, cast, get_args, get_origin

from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.params import ParameterKwarg
from litestar.routes import HTTPRoute

from ticketing_server import __version__
from ticketing_server.access.authentication import OPEN
from ticketing_server.access.guards import FORBIDDING
from ticketing_server.core.entity import Entity
from ticketing_server.core.listing import ListResponse
from ticketing_server.core.media.picture_forms import PICTURE
from ticketing_server.core.media.uploads import UPLOAD
from ticketing_server.openapi import examples
from ticketing_server.openapi.answers import (
    ANSWERS,
    HEADERS,
    NOT_MODIFIED,
    SCHEMAS,
    TAGS,
    Described,
)
from ticketing_server.openapi.schemas import Schemas

DESCRIPTION = """Tickets of many client companies on kanban boards.

Sign in at `/api/tickets/auth/login/` and send the access token as `Authorization: Bearer …`.
Every path answers with and without its trailing slash, `HEAD` wherever `GET` does. Lists name
query parameters that they do not know in `X-Unknown-Parameters`.

Text is kept in Unicode NFC, without the blanks at its ends; of the control characters it may hold
tab and newline.
"""
ID: Described = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
# On the wire it is a form; the handler is handed its fields as an ordinary body.
UPLOAD_BODY: Described = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["ticket", "file"],
                "properties": {
                    "ticket": ID,
                    "file": {"type": "string", "format": "binary", "minLength": 1},
                    "filename": {"type": "string", "maxLength": 255},
                },
            }
        }
    },
}
IDEMPOTENCY_KEY: Described = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body within 24 hours get the first answer again. Printable"
    " characters.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
IF_NONE_MATCH: Described = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "An ETag: 304 while the object still has it.",
    "schema": {"type": "string"},
}

CONFIG = OpenAPIConfig(
    title="Ticketing Server",
    version=__version__,
    description=DESCRIPTION,
    use_handler_docstrings=True,
    tags=[Tag(name=name, description=description) for name, description in TAGS.items()],
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
    schemas = Schemas()
    paths: Described = document["paths"]
    for path, method, handler in _operations(app):
        _draw_values(paths[path][method], handler, schemas)
        _complete_operation(paths[path][method], path, method, handler)
    components["schemas"] = {**dict(sorted(schemas.components.items())), **SCHEMAS}
    components["headers"] = HEADERS
    document["paths"] = {path.rstrip("/") + "/": item for path, item in sorted(paths.items())}
    return document


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            if handler.resolve_include_in_schema() and method != "OPTIONS":
                yield route.path_format, method.lower(), handler


def _draw_values(operation: Described, handler: HTTPRouteHandler, schemas: Schemas) -> None:
    hints = _parameter_hints(handler)
    for parameter in operation.get("parameters", []):
        if parameter["name"] in hints:
            drawn = schemas.of_parameter(hints[parameter["name"]])
            default = parameter["schema"].get("default")
            parameter["schema"] = drawn if default is None else {**drawn, "default": default}
    for body in operation.get("requestBody", {}).get("content", {}).values():
        assert handler.parsed_data_field
        body["schema"] = schemas.of(handler.parsed_data_field.raw)
    for status, answer in operation["responses"].items():
        if status.startswith("2") and "content" in answer:
            answer["content"]["application/json"]["schema"] = schemas.of(_answered(handler))


def _parameter_hints(handler: HTTPRouteHandler) -> dict[str, Any]:
    """By their names on the wire, but for those that describe themselves (`schema_extra`)."""
    signatures = [each.parsed_fn_signature for each in handler.resolve_dependencies().values()]
    hints: dict[str, Any] = {}
    for signature in [*signatures, handler.parsed_fn_signature]:
        for name, field in signature.parameters.items():
            kwarg = field.kwarg_definition
            if isinstance(kwarg, ParameterKwarg) and not kwarg.schema_extra:
                hints[kwarg.name or name] = field.raw
    return hints


def _answered(handler: HTTPRouteHandler) -> Any:
    hint: Any = handler.parsed_return_field.raw
    return get_args(hint)[0] if get_origin(hint) is Response else hint


def _complete_operation(
    operation: Described, path: str, method: str, handler: HTTPRouteHandler
) -> None:
    name = _name(path, handler)
    operation.setdefault("tags", ["Plugins"])
    operation |= {"operationId": name, "summary": name.replace("_", ": ", 1).replace("_", " ")}
    operation["summary"] = operation["summary"].capitalize()
    if handler.opt.get(OPEN):
        operation["security"] = []
    _complete_parameters(operation, path, method, handler)
    _complete_success(operation, name, handler)
    statuses = _statuses(operation, path, method, handler)
    operation["responses"] |= {status: ANSWERS[status] for status in statuses}
    if handler.opt.get(UPLOAD):
        operation["requestBody"] = UPLOAD_BODY
    if handler.opt.get(PICTURE):
        content = operation["requestBody"]["content"]
        content["multipart/form-data"] = {"schema": content["application/json"]["schema"]}
    if name in examples.REQUESTS:
        body = operation["requestBody"]["content"]["application/json"]
        body["example"] = examples.REQUESTS[name]


def _name(path: str, handler: HTTPRouteHandler) -> str:
    """`tickets_list`: the controller's name and the handler's, after the name of their plugin."""
    _, _, below = path.partition("/plugins/")
    plugin = f"{below.partition('/')[0].replace('-', '_')}_" if below else ""
    return plugin + handler.fn.__qualname__.replace(".", "_").lower().removesuffix("_page")


def _complete_parameters(
    operation: Described, path: str, method: str, handler: HTTPRouteHandler
) -> None:
    parameters: list[Described] = operation.setdefault("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "path":
            parameter["schema"] = ID
    if method == "post" and not handler.opt.get(OPEN):
        parameters.append(IDEMPOTENCY_KEY)
    if method == "get" and handler.resolve_response_class() is Entity:
        parameters.append(IF_NONE_MATCH)


def _complete_success(operation: Described, name: str, handler: HTTPRouteHandler) -> None:
    response_class = cast(Any, handler.resolve_response_class())
    for status, answer in operation["responses"].items():
        if not status.startswith("2"):
            continue
        headers = ["X-Request-ID"]
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
    if response_class is Entity and "GET" in handler.http_methods:
        operation["responses"]["304"] = NOT_MODIFIED


def _forbids(handler: HTTPRouteHandler) -> bool:
    return any(guard in FORBIDDING for guard in cast(list[Any], handler.resolve_guards()))


def _statuses(operation: Described, path: str, method: str, handler: HTTPRouteHandler) -> list[str]:
    has_body = "requestBody" in operation
    is_open = bool(handler.opt.get(OPEN))
    changes = method != "get"
    wanted = {
        "400": True,
        "401": not is_open or "refresh" in path or "logout" in path,
        "403": "register" in path or (not is_open and changes) or _forbids(handler),
        "404": "{" in path or method == "get",
        "409": changes and not is_open,
        "412": any(parameter["name"] == "If-Match" for parameter in operation["parameters"]),
        "413": has_body,
        "415": has_body,
        "429": is_open and "logout" not in path,
        "500": True,
        "503": True,
        "507": bool(handler.opt.get(UPLOAD) or handler.opt.get(PICTURE)),
    }
    return [status for status, is_possible in wanted.items() if is_possible]
