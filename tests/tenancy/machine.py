"""People at work, at random; after each step one of them looks around."""

from typing import Any

from hypothesis.stateful import initialize, invariant

from tests.conftest import WIPE
from tests.tenancy.acting import Acting
from tests.tenancy.company_rules import CompanyRules
from tests.tenancy.lists import LISTS
from tests.tenancy.look import look_around, look_closely, open_files
from tests.tenancy.pages import PAGES
from tests.tenancy.people_rules import PeopleRules
from tests.tenancy.project_rules import ProjectRules
from tests.tenancy.start import DRAWN, begin
from tests.tenancy.ticket_rules import TicketRules
from ticketing_server.core.db import DB, Sql, scalar


class Watched(Acting):
    """Begins somewhere; after each step somebody looks, and in the end everybody."""

    steps = 0
    by_nobody = 0

    @initialize(drawn=DRAWN)
    def begin(self, drawn: Any) -> None:
        self.server.wait_for(wipe())
        self.model = self.server.wait_for(begin(drawn))
        self.by_nobody = self.server.wait_for(changed_by_nobody())

    @invariant()
    def somebody_looks(self) -> None:
        """In turn, at one kind of list and at one kind of thing."""
        self.steps += 1
        viewer = self.person(self.steps)
        if viewer and viewer.active:
            room, noun = LISTS[self.steps % len(LISTS)], list(PAGES)[self.steps % len(PAGES)]
            self.server.wait_for(look_around(self.server, self.model, viewer, [room]))
            self.server.wait_for(look_closely(self.server, self.model, viewer, noun))

    def teardown(self) -> None:
        """In the end everybody looks at every list, and opens every file.

        Whatever was changed, the audit log knows by whom.
        """
        people = self.model.people.values() if hasattr(self, "model") else []
        for viewer in [one for one in people if one.active]:
            self.server.wait_for(look_around(self.server, self.model, viewer, LISTS))
            self.server.wait_for(open_files(self.server, self.model, viewer))
        assert self.server.wait_for(changed_by_nobody()) == self.by_nobody


class Tenancy(Watched, TicketRules, CompanyRules, PeopleRules, ProjectRules):
    """Everything that people do."""


class Comings(Watched, CompanyRules, PeopleRules):
    """People, roles and companies alone: how roles come and go needs many steps of a few kinds."""


async def changed_by_nobody() -> int:
    """How often something was changed past the server, as the cast is put in its place."""
    return await scalar(Sql("SELECT count(*) FROM audit_entry WHERE actor IS NULL"), int)


async def wipe() -> None:
    async with DB.transaction() as transaction:
        await transaction.connection.execute(WIPE)
