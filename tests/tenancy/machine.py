"""People at work, at random; after each step one of them looks around."""

import asyncio
from typing import Any

from hypothesis.stateful import initialize, invariant

from tests.conftest import WIPE
from tests.tenancy.company_rules import CompanyRules
from tests.tenancy.look import PAGES, look_around, look_closely, open_files
from tests.tenancy.model import Person
from tests.tenancy.people_rules import PeopleRules
from tests.tenancy.project_rules import ProjectRules
from tests.tenancy.start import DRAWN, begin
from tests.tenancy.ticket_rules import TicketRules
from ticketing_server.core.db import DB


class Tenancy(TicketRules, CompanyRules, PeopleRules, ProjectRules):
    steps = 0

    @initialize(drawn=DRAWN)
    def begin(self, drawn: Any) -> None:
        self.server.wait_for(wipe())
        self.model = self.server.wait_for(begin(drawn))

    @invariant()
    def somebody_looks(self) -> None:
        """In turn, at the lists and at one kind of thing closely."""
        people, nouns = list(self.model.people.values()), list(PAGES)
        viewer, noun = people[self.steps % len(people)], nouns[self.steps % len(nouns)]
        self.steps += 1
        if viewer.active:
            self.server.wait_for(look_around(self.server, self.model, viewer))
            self.server.wait_for(look_closely(self.server, self.model, viewer, noun))

    def teardown(self) -> None:
        """In the end everybody looks at everything."""
        if hasattr(self, "model"):
            for viewer in self.model.people.values():
                self.server.wait_for(self._look_at_everything(viewer))

    async def _look_at_everything(self, viewer: Person) -> None:
        if not viewer.active:
            return
        await look_around(self.server, self.model, viewer)
        await asyncio.gather(
            *[look_closely(self.server, self.model, viewer, noun) for noun in PAGES],
            open_files(self.server, self.model, viewer),
        )


async def wipe() -> None:
    async with DB.transaction() as transaction:
        await transaction.connection.execute(WIPE)
