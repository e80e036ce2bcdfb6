"""A page's form and the version of the row that it was filled from."""

import re
from typing import Any, NamedTuple

from ticketing_server.admin import sessions
from ticketing_server.admin.sessions import Holder
from ticketing_server.core.errors import Invalid, Stale

VERSION = re.compile(r"[1-9]\d{0,8}", re.ASCII)


class Form(NamedTuple):
    """Keeps its version also once it has been saved: the page does not learn the new one.

    The version goes along with a change, so that nobody undoes another's change unseen.
    """

    holder: Holder
    row: str
    version: Any

    def versions(self) -> list[int]:
        """Those that the row may have: the form's, and what its last saving made of it.

        None for a change that comes from no form. Raises Invalid.
        """
        if self.version is None:
            return []
        if not VERSION.fullmatch(str(self.version)):
            raise Invalid(version="A valid integer is required.")
        saved = self.holder.saved_version if self.holder.saved_form == self._name() else None
        return [int(self.version), *([saved] if saved else [])]

    def check(self, present: int | None) -> None:
        """Raises Stale, Invalid."""
        if (versions := self.versions()) and present not in versions:
            raise Stale("It was changed since this page was opened: load the page again.")

    async def note_saved(self, version: int) -> None:
        """The same form may be saved once more."""
        if self.version is not None:
            await sessions.note_saved(self.holder, self._name(), version)

    def _name(self) -> str:
        return f"{self.row}/{self.version}"
