"""What a ticket of one project can point at."""

from collections.abc import Sequence

import msgspec

from .companies import Company
from .content import Language, LanguageName, Mood, Topic, language
from .people import Held
from .projects import Column, Project

AGENTS = ("superadmin", "admin")


class Subject(msgspec.Struct, frozen=True):
    """A topic, and those of its tags that the project has."""

    topic: Topic
    tags: list[int]


class Client(msgspec.Struct, frozen=True):
    """A company as one project sees it. The provider itself is a client without company and users.

    `subjects` holds each subject as often as its weight says.
    """

    company: int | None
    mood: Mood
    language: Language
    places: list[str]
    agents: list[int]
    users: list[int]
    subjects: list[Subject]


class Board(msgspec.Struct):
    """`clients` and `active_clients` hold each client as often as it asks for help."""

    project: int
    share: int
    columns: list[Column]
    tags: list[int]
    agents: list[int]
    managers: list[int]
    clients: list[Client]
    active_clients: list[Client]
    last_number: int = 0

    def next_number(self) -> int:
        self.last_number += 1
        return self.last_number


def make_board(
    project: Project, companies: Sequence[Company], roles: Sequence[Held], places: list[str]
) -> Board:
    """`places` are the provider's own."""
    here = [held for held in roles if held.project == project.id]
    agents = [held.account for held in here if held.role in AGENTS]
    clients = [
        client
        for company in companies
        if project.text.key in company.text.projects
        for client in [_client(project, company)] * company.text.size
    ]
    clients.append(_itself(project, agents, places))
    return Board(
        project=project.id,
        share=project.text.share,
        columns=project.columns,
        tags=list(project.tags.values()),
        agents=agents,
        managers=[held.account for held in here if held.role == "manager"],
        clients=clients,
        active_clients=[client for client in clients if client.mood != "quiet"],
    )


def _client(project: Project, company: Company) -> Client:
    return Client(
        company=company.id,
        mood=company.text.mood,
        language=language(company.text.language),
        places=company.text.places,
        agents=company.admins,
        users=company.users,
        subjects=_subjects(project, company.text.language),
    )


def _itself(project: Project, agents: list[int], places: list[str]) -> Client:
    """The provider opens no tickets about its own faults."""
    subjects = [one for one in _subjects(project, "english") if one.topic.kind != "fault"]
    return Client(None, "calm", language("english"), places, agents, [], subjects)


def _subjects(project: Project, spoken: LanguageName) -> list[Subject]:
    return [
        subject
        for topic in language(spoken).topics
        if project.text.key in topic.projects
        for subject in [_subject(project, topic)] * topic.weight
    ]


def _subject(project: Project, topic: Topic) -> Subject:
    return Subject(topic, [project.tags[name] for name in topic.tags if name in project.tags])
