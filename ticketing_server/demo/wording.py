"""What a ticket is called, what it says, and what is said about it."""

from collections.abc import Mapping, Sequence

import msgspec

from .boards import Client, Subject
from .chance import Chance


class Wording(msgspec.Struct, frozen=True):
    """The words of one ticket: whatever is said there is about the same thing and place."""

    client: Client
    subject: Subject
    words: Mapping[str, object]

    def title(self, chance: Chance) -> str:
        return self._say(chance, self.subject.topic.titles)

    def description(self, chance: Chance) -> str:
        language, topic = self.client.language, self.subject.topic
        impacts = language.impacts[topic.kind]
        parts = [self._say(chance, topic.symptoms), self._say(chance, impacts)]
        if chance.happens(0.5):
            parts.append(self._say(chance, language.details))
        return "\n\n".join(parts)

    def remarks(self, chance: Chance, count: int, *, solved: bool) -> list[tuple[bool, str]]:
        """A talk of so many remarks, in order; True where it is an agent who speaks."""
        talk, topic = self.client.language.talk, self.subject.topic
        stages = [
            (True, talk.acknowledgements),
            (True, talk.questions),
            (False, talk.answers),
            (True, topic.findings),
            (False, talk.chases),
            (True, talk.plans),
        ]
        if solved:
            stages += [(True, topic.fixes), (False, talk.thanks)]
        kept = sorted(chance.sample(range(len(stages)), count))
        return [(stages[i][0], self._say(chance, stages[i][1])) for i in kept]

    def _say(self, chance: Chance, templates: Sequence[str]) -> str:
        said = chance.choice(templates).format_map(self.words)
        # Not upper(): Georgian has capitals, but no sentence begins with one.
        return said[0].title() + said[1:]


def word(chance: Chance, client: Client) -> Wording:
    subject = chance.choice(client.subjects)
    words = {
        "thing": chance.choice(subject.topic.things),
        "place": chance.choice(client.places),
        "who": chance.choice(client.language.names),
        "n": chance.randrange(11, 99),
        "ref": chance.randrange(10_000, 100_000),
    }
    return Wording(client, subject, words)
