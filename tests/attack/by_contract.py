"""What schemathesis calls a failure and the contract asks for; loaded by it as its hooks.

A JSON Schema says what a value looks like. It does not say whether a name is taken, and it knows no
state; those refusals are kept apart here, each by its very words and the rule behind it.
"""

import re
from typing import Any

import msgspec
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import RejectedPositiveData

REASONS = re.compile(
    "|".join(
        [
            r'.*: Invalid pk "\d+" - object does not exist\.',  # 1.2
            r".*: Null and control characters are not allowed\.",  # 1.9
            r".*: This field may not be blank\.",  # 1.9: blanks at the ends do not count
            r"Idempotency-Key: Use 1 to 255 printable characters\.",  # 1.11
            r".*: .* already (exists|has a .* of that name)\.",  # 2.1, 2.2, 3.5, 5.1
            r"name: This project has a column too like that name\.",  # 3.5
            r"project_(name|key): This field is required together with .*",  # 2.1
            r"password_confirm: The two passwords do not match\.",  # 2.1
            r"password: This password is too (short|common|similar).*",  # 2.3
            r"detail: Invalid credentials\.",  # 2.5
            r"project: Name the project: there are several\.",  # 3.6
            r"tag_names: Use tag_ids or tag_names, not both\.",  # 4.7
            r"tag_names: There are no tags named .*",  # 4.7
            r"due_date: The due date must not be before the start date\.",  # 4.8
            r"logo: The submitted data was not a file\..*",  # 6.5: in JSON there is none
            r"logo: Upload a valid image\..*",  # 6.5
            r'detail: Multipart form parse error - "logo" is no UTF-8\.',  # no file, without a name
            r"old_password: (This field is required|The old password is not right)\.",  # 6.8
            r"token: This invitation is spent, expired, or not meant for you\.",  # 6.9
            # plugins/sla-watch
            r"targets: A first response cannot be due after the resolution\.",
            r"targets: Name each priority once\.",
        ]
    ),
    re.DOTALL,
)


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Failure,
    case: schemathesis.Case,
    response: schemathesis.Response,
) -> bool:
    """False for what is no failure."""
    if isinstance(failure, RejectedPositiveData):
        return not (is_stale(response) or is_reasoned(response))
    if isinstance(failure, AcceptedNegativeData):
        return not (is_stale(response) or is_about_page_size(case))
    return True


def is_stale(response: schemathesis.Response) -> bool:
    """A made-up `If-Match` names no present version, whatever else is right or wrong (1.10)."""
    sent = response.request.headers
    return response.status_code == 412 and "If-Match" in sent


def is_reasoned(response: schemathesis.Response) -> bool:
    """All that is wrong is something that only the server can know."""
    if response.status_code != 400:
        return False
    messages = _messages(msgspec.json.decode(response.content))
    return bool(messages) and all(REASONS.fullmatch(message) for message in messages)


def _messages(body: dict[str, Any]) -> list[str]:
    """Each with its field."""
    return [
        f"{field}: {message}"
        for field, value in body.items()
        for message in ([value] if isinstance(value, str) else value)
    ]


def is_about_page_size(case: schemathesis.Case) -> bool:
    """Above 100 it means 100, below 1 or unreadable 20 (1.3)."""
    data: Any = case.meta.phase.data if case.meta else None
    return getattr(data, "parameter", None) == "page_size"
