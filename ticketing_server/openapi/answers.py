"""What every operation may answer besides its success, described once (rulings 1.6, 1.7)."""

from typing import Any

Described = dict[str, Any]

TAGS = {
    "Authentication": "Registering, signing in and out, and who one is.",
    "Tickets": "What is to be done, on which board, by whom.",
    "Attachments": "Files of tickets, uploaded as multipart/form-data.",
    "Companies": "The client companies, their people, and how they are doing.",
    "Tags": "What groups the tickets of a project, and the contacts that belong to it.",
    "Contacts": "People to call; seen by those who see the whole project.",
    "Comments": "What is said about a ticket.",
    "Projects": "Projects, their members and invitations. Roles are held in a project.",
    "Columns": "The columns of a kanban board; a ticket's status is its column's.",
    "Dashboard": "Widgets: how the project is doing, from this server and from its plugins.",
    "Plugins": "What installed plugins add, each below `/api/plugins/{name}/`.",
    "Audit log": "Who changed accounts, roles, companies and projects; for superusers.",
    "User Management": "The people of this server, as far as the caller may know of them.",
}

DETAIL: Described = {
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"type": "string"}},
}
SCHEMAS: Described = {
    "Detail": DETAIL,
    "FieldErrors": {
        "description": "Each wrong field with its messages; `non_field_errors` for the rest.",
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    },
    "TokenNotValid": {
        **DETAIL,
        "properties": {
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "messages": {"type": "array", "items": {"type": "object"}},
        },
    },
    "Refused": {
        **DETAIL,
        "properties": {
            "detail": {"type": "string"},
            "action": {"type": "string"},
            "role": {"type": ["string", "null"]},
            "roles_allowed": {"type": "array", "items": {"type": "string"}},
        },
    },
}
HEADERS: Described = {
    "X-Request-ID": {"description": "Names this answer in the log.", "schema": {"type": "string"}},
    "ETag": {"description": "Version and digest of the object.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Whole seconds.", "schema": {"type": "integer"}},
    "X-Total-Count": {"description": "All items of the list.", "schema": {"type": "integer"}},
    "Link": {"description": "Other pages, when one was asked for.", "schema": {"type": "string"}},
    "X-Unknown-Parameters": {
        "description": "Query parameters that the list does not know.",
        "schema": {"type": "string"},
    },
    "Allow": {"description": "The methods of this path.", "schema": {"type": "string"}},
    "WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string"}},
}


def _answer(description: str, schema: str, example: Described, *headers: str) -> Described:
    described = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    body = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    return {
        "description": description,
        "headers": {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}, **described},
        "content": {"application/json": body},
    }


WRONG: Described = {
    **_answer("Wrong input.", "FieldErrors", {}),
    "content": {
        "application/json": {
            "schema": {
                "anyOf": [
                    {"$ref": "#/components/schemas/FieldErrors"},
                    {"$ref": "#/components/schemas/Detail"},
                ]
            },
            "example": {
                "name": ["This field is required."],
                "column": ['Invalid pk "999" - object does not exist.'],
            },
        }
    },
}
NOT_MODIFIED: Described = {
    "description": "`If-None-Match` names the present ETag.",
    "headers": {
        name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", "ETag")
    },
}
ANSWERS: dict[str, Described] = {
    "400": WRONG,
    "401": _answer(
        "Missing or bad credentials.",
        "TokenNotValid",
        {"detail": "Authentication credentials were not provided."},
        "WWW-Authenticate",
    ),
    "403": _answer(
        "Known, but not allowed.",
        "Refused",
        {
            "detail": "You do not have permission to perform this action.",
            "action": "edit_others_tickets",
            "role": "admin",
            "roles_allowed": ["superadmin"],
        },
    ),
    "404": _answer("Not there, or not for the caller to see.", "Detail", {"detail": "Not found."}),
    "409": _answer(
        "In conflict with the present state.",
        "Detail",
        {"detail": "A project must keep at least one superadmin."},
    ),
    "412": _answer(
        "No longer the version that `If-Match` names.",
        "Detail",
        {"detail": "The resource has changed since you read it."},
        "ETag",
    ),
    "413": _answer("Too large.", "Detail", {"detail": "Request body is too large."}),
    "415": _answer(
        "Not a JSON media type.",
        "Detail",
        {"detail": 'Unsupported media type "text/plain" in request.'},
    ),
    "429": _answer(
        "Too many attempts.", "Detail", {"detail": "Request was throttled."}, "Retry-After"
    ),
    "500": _answer(
        "A fault of the server; the log has it under the X-Request-ID.",
        "Detail",
        {"detail": "Internal server error."},
    ),
    "503": _answer(
        "The database is away.",
        "Detail",
        {"detail": "Service temporarily unavailable, try again later."},
        "Retry-After",
    ),
    "507": _answer(
        "The store of files is full.",
        "Detail",
        {"detail": "There is no space left to store the file."},
    ),
}
