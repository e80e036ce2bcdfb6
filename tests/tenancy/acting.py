"""How a rule acts: it picks who does what to which thing, and holds the server to the verdict."""

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.tenancy.model import Model, Person
from tests.tenancy.server import NOTHING, Server, bare

ANY = st.integers(0, 999)
"""Which of all the things of a kind that there ever were."""
ROLE = st.sampled_from(["superadmin", "admin", "user", "manager"])
RELATION = st.sampled_from(["admin", "user"])


class Acting(RuleBasedStateMachine):
    """The rules of each noun are mixed into this."""

    server: ClassVar[Server]
    model: Model
    names: int = 0

    def pick(self, noun: str, which: int) -> int:
        """The id of something that is there, or once was; of nothing, before there was any."""
        there = list(getattr(self.model, noun))
        gone = [id for id in self.model.ever.get(noun, []) if id not in there]
        pool = [*there, *there, *there, *gone] or [NOTHING]
        return pool[which % len(pool)]

    def person(self, which: int) -> Person | None:
        """None once the account is deleted. Who may do most is picked most."""
        roles = self.model.roles
        owners = [who for where, who in sorted(roles) if roles[where, who].role == "superadmin"]
        owners += [one.id for one in self.model.people.values() if one.superuser]
        pool = [*owners, *owners, *self.model.ever["people"]]
        return self.model.people.get(pool[which % len(pool)])

    def name(self, word: str) -> str:
        """A new one, each a single word that a search finds alone."""
        self.names += 1
        return f"{word}{self.names:03}x"

    def act(
        self,
        actor: Person | None,
        method: str,
        door: str,
        id: int | None,
        expected: int,
        body: Any = None,
        *,
        names: str | None = None,
        **given: Any,
    ) -> Any:
        """What the server answers; None when it rightly refuses.

        `names` is the field of the body that names something: what is hidden from the actor is to
        be refused in the same words as what does not exist.
        """
        if actor is None:
            return None
        expected = expected if actor.active else 401
        answer = self._send(actor, method, door.format(id), body, **given)
        told = f"{actor.name} {method} {door.format(id)} {body}: {answer.status_code}"
        assert answer.status_code == expected, f"{told}, not {expected}: {answer.text}"
        if expected == 404 and id is not None:
            nothing = self._send(actor, method, door.format(NOTHING), body, **given)
            assert bare(answer) == bare(nothing), told
        if expected == 400 and names in (body or {}):
            self._compare_with_unknown(actor, method, door.format(id), body, names, answer, given)
        return answer.json() if expected in (200, 201) else None

    def _compare_with_unknown(
        self, actor: Person, method: str, path: str, body: Any, names: str, answer: Any, given: Any
    ) -> None:
        """Only its number tells the hidden from the unknown."""
        named = body[names][0] if isinstance(body[names], list) else body[names]
        unknown = [NOTHING] if isinstance(body[names], list) else NOTHING
        nothing = self._send(actor, method, path, {**body, names: unknown}, **given)
        assert answer.text.replace(f'"{named}', '"?') == nothing.text.replace(f'"{NOTHING}', '"?')

    def _send(self, actor: Person, method: str, path: str, body: Any, **given: Any) -> Any:
        if "files" in given:
            return self.server.wait_for(self.server.ask(actor, method, path, data=body, **given))
        return self.server.wait_for(self.server.ask(actor, method, path, json=body))
