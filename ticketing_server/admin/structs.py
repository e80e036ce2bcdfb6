"""What the admin's page sends."""

from collections.abc import Set
from typing import Any

from ticketing_server.accounts.structs import Secret
from ticketing_server.core.structs import In


class PasswordChange(In):
    """One's own password, by the names that Piccolo Admin gives the fields."""

    current_password: Secret
    new_password: Secret
    confirm_new_password: Secret

    @classmethod
    def misfits(cls, given: dict[str, Any], sent: Set[str]) -> dict[str, str]:
        if given.get("new_password") != given.get("confirm_new_password"):
            return {"confirm_new_password": "The two passwords do not match."}
        return {}
