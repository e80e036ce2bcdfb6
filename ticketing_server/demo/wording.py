"""What a ticket is called, what it says, and what is said about it."""

from collections.abc import Mapping

import msgspec

from .boards import Client, Subject
from .chance import Chance
from .content import Case, Manner

# Places in a talk.
QUESTION, ANSWER = 1, 2


class Remark(msgspec.Struct, frozen=True):
    by_agent: bool
    text: str


class Wording(msgspec.Struct, frozen=True):
    """The words of one ticket: whatever is said there is about the same case, thing and place."""

    subject: Subject
    case: Case
    manner: Manner
    words: Mapping[str, object]

    def title(self, chance: Chance) -> str:
        return self._say(chance.choice(self.case.titles))

    def description(self, chance: Chance) -> str:
        parts = [self.case.symptom, chance.choice(self.manner.impacts)]
        if chance.happens(0.5):
            parts.append(chance.choice(self.manner.details))
        return "\n\n".join(self._say(part) for part in parts)

    def remarks(self, chance: Chance, count: int, *, is_done: bool) -> list[Remark]:
        """A talk of so many remarks, in order."""
        question, answer = chance.choice(self.manner.exchanges)
        stages = [
            (True, chance.choice(self.manner.acknowledgements)),
            (True, question),
            (False, answer),
            (True, self.case.finding),
            (False, chance.choice(self.manner.chases)),
            (True, chance.choice(self.manner.plans)),
        ]
        if is_done:
            stages += [(True, self.case.fix), (False, chance.choice(self.manner.thanks))]
        kept = sorted(chance.sample(range(len(stages)), count))
        if ANSWER in kept and QUESTION not in kept:
            kept[kept.index(ANSWER)] = QUESTION
        return [Remark(stages[place][0], self._say(stages[place][1])) for place in kept]

    def _say(self, template: str) -> str:
        said = template.format_map(self.words)
        # Not upper(): Georgian has capitals, but no sentence begins with one.
        return said[0].title() + said[1:]


def word(chance: Chance, client: Client) -> Wording:
    subject = chance.choice(client.subjects)
    who, boss = chance.sample(client.language.names, 2)
    words = {
        "thing": chance.choice(subject.topic.things).format(boss=boss),
        "place": chance.choice(client.places),
        "who": who,
        "boss": boss,
        "few": chance.randint(2, 9),
        "n": chance.randint(11, 98),
        "ref": chance.randint(10_000, 99_999),
    }
    manner = client.language.manners[subject.topic.kind]
    return Wording(subject, chance.choice(subject.topic.cases), manner, words)
