"""The provider's clients: who looks after them, and who works there."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from .chance import CLIENTS_CAME, Chance
from .content import CompanyText
from .copying import Connection, copy, take_ids

COMPANY = "id name description primary_contact_email phone created_at updated_at"
COMPANY_PROJECT = "project company"
COMPANY_MEMBER = "company account relation added_at"


class Company(msgspec.Struct, frozen=True):
    """`admins` and `users` are ids of accounts."""

    id: int
    text: CompanyText
    admins: list[int]
    users: list[int]


async def add_companies(
    connection: Connection,
    chance: Chance,
    texts: Sequence[CompanyText],
    projects: Mapping[str, int],
    people: Mapping[str, int],
) -> list[Company]:
    """`projects` are ids by key, `people` by username."""
    ids = await take_ids(connection, "company", len(texts))
    companies = [_company(id, text, people) for id, text in zip(ids, texts, strict=True)]
    at = chance.days_ago(CLIENTS_CAME)
    await copy(connection, "company", COMPANY, [_row(one, at) for one in companies])
    places = [(projects[key], one.id) for one in companies for key in one.text.projects]
    await copy(connection, "company_project", COMPANY_PROJECT, places)
    admins = [(one.id, account, "admin", at) for one in companies for account in one.admins]
    users = [(one.id, account, "user", at) for one in companies for account in one.users]
    await copy(connection, "company_member", COMPANY_MEMBER, admins + users)
    return companies


def relations(texts: Sequence[CompanyText], username: str) -> dict[str, set[str]]:
    """By project key: in what ways the person belongs to companies there."""
    found: dict[str, set[str]] = {}
    for text in texts:
        held = {"admin"} if username in text.admins else set[str]()
        held |= {"user" for person in text.users if person.username == username}
        for key in text.projects:
            found.setdefault(key, set()).update(held)
    return found


def _company(id: int, text: CompanyText, people: Mapping[str, int]) -> Company:
    users = [people[person.username] for person in text.users]
    return Company(id, text, admins=[people[username] for username in text.admins], users=users)


def _row(company: Company, at: dt.datetime) -> tuple[object, ...]:
    text = company.text
    email = f"it@{text.domain}"
    return (company.id, text.name, text.description, email, text.phone, at, at)
