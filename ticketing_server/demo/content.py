"""The words of the demo, as they stand in the TOML files beside this module."""

import functools
from importlib.resources import files
from typing import Literal, TypeVar

import msgspec

Kind = Literal["fault", "request", "project"]
# What a company's open tickets make of its health (rulings 6.6).
Mood = Literal["calm", "uneasy", "burning", "quiet"]
LanguageName = Literal["english", "georgian"]

T = TypeVar("T")


class Case(msgspec.Struct, frozen=True):
    """Any of the titles fits; what was found and done belongs to it."""

    titles: list[str]
    symptom: str
    finding: str
    fix: str


class Topic(msgspec.Struct, frozen=True):
    """Tickets of one sort; `weight` says how many there are."""

    kind: Kind
    projects: list[str]
    tags: list[str]
    weight: int
    things: list[str]
    cases: list[Case]


class Manner(msgspec.Struct, frozen=True):
    """What fits any ticket of one kind; an exchange is a question and its answer."""

    impacts: list[str]
    details: list[str]
    acknowledgements: list[str]
    exchanges: list[tuple[str, str]]
    chases: list[str]
    plans: list[str]
    thanks: list[str]


class Language(msgspec.Struct, frozen=True):
    names: list[str]
    manners: dict[Kind, Manner]
    topics: list[Topic]


class ContactText(msgspec.Struct, frozen=True):
    """`tags` says on which tags the contact hangs, and as what."""

    name: str
    email: str
    phone: str
    title: str
    department: str
    tags: dict[str, str]
    description: str = ""


class ProjectText(msgspec.Struct, frozen=True):
    """`share` of all tickets; without `columns` it has the default ones."""

    key: str
    name: str
    description: str
    share: int
    tags: dict[str, str]
    contacts: list[ContactText]
    columns: list[tuple[str, str]] = []


class PersonText(msgspec.Struct, frozen=True):
    """`roles` by project key are those that somebody assigned by hand."""

    username: str
    name: str
    roles: dict[str, str] = {}
    is_staff: bool = False
    active: bool = True


class CompanyText(msgspec.Struct, frozen=True):
    """`size` is how often it asks for help; `admins` are usernames of the provider's people."""

    name: str
    description: str
    domain: str
    phone: str
    projects: list[str]
    mood: Mood
    size: int
    places: list[str]
    admins: list[str]
    users: list[PersonText]
    language: LanguageName = "english"


class ProviderText(msgspec.Struct, frozen=True):
    domain: str
    places: list[str]
    projects: list[ProjectText]
    staff: list[PersonText]
    companies: list[CompanyText]


@functools.cache
def provider() -> ProviderText:
    return _read("provider", ProviderText)


@functools.cache
def language(name: LanguageName) -> Language:
    return _read(name, Language)


def _read(name: str, into: type[T]) -> T:
    text = files("ticketing_server.demo").joinpath(f"{name}.toml").read_bytes()
    return msgspec.toml.decode(text, type=into)
