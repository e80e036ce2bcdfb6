"""Everything but the tickets."""

from collections.abc import Mapping

import msgspec

from .boards import Board, make_board
from .chance import CLIENTS_CAME, Chance
from .companies import add_companies, relations
from .content import ProviderText
from .copying import Connection
from .people import (
    ADMIN,
    ADMIN_EMAIL,
    Held,
    Newcomer,
    add_people,
    add_roles,
    hash_passwords,
    roles_of,
)
from .projects import add_projects


class Provider(msgspec.Struct, frozen=True):
    """`sign_ins` names somebody for each role."""

    boards: list[Board]
    companies: int
    people: int
    sign_ins: dict[str, str]


async def add_provider(connection: Connection, chance: Chance, text: ProviderText) -> Provider:
    hashes = await hash_passwords()
    staff = await add_people(connection, chance, hashes, _team(text))
    projects = await add_projects(connection, chance, text.projects, staff[ADMIN.username])
    keys = {project.text.key: project.id for project in projects}
    clients = await add_people(connection, chance, hashes, _clients(text, keys, staff))
    people = staff | clients
    companies = await add_companies(connection, chance, text.companies, keys, people)
    roles = _roles(text, keys, people)
    await add_roles(connection, roles, staff[ADMIN.username], chance.days_ago(CLIENTS_CAME))
    boards = [make_board(project, companies, roles, text.places) for project in projects]
    return Provider(boards, len(companies), len(people), _sign_ins(roles, people))


def names_to_take(text: ProviderText) -> list[str]:
    """Usernames and emails."""
    people = [*_team(text), *_clients(text, {}, {})]
    return [name for person in people for name in (person.text.username, person.email)]


def _team(text: ProviderText) -> list[Newcomer]:
    staff = [Newcomer(person, f"{person.username}@{text.domain}") for person in text.staff]
    return [Newcomer(ADMIN, ADMIN_EMAIL), *staff]


def _clients(
    text: ProviderText, projects: Mapping[str, int], staff: Mapping[str, int]
) -> list[Newcomer]:
    """The clients' own people; whoever leads a company's first project has made their accounts."""
    leads = {key: staff.get(one.username) for one in text.staff for key in _led_by(one.roles)}
    return [
        Newcomer(
            person,
            f"{person.username}@{company.domain}",
            created_by=leads[company.projects[0]],
            created_in=projects.get(company.projects[0]),
        )
        for company in text.companies
        for person in company.users
    ]


def _led_by(roles: Mapping[str, str]) -> list[str]:
    return [key for key, role in roles.items() if role == "superadmin"]


def _roles(
    text: ProviderText, projects: Mapping[str, int], people: Mapping[str, int]
) -> list[Held]:
    everybody = [one.text for one in (*_team(text), *_clients(text, {}, {}))]
    return [
        held
        for one in everybody
        for held in roles_of(
            people[one.username], one, projects, relations(text.companies, one.username)
        )
    ]


def _sign_ins(roles: list[Held], people: Mapping[str, int]) -> dict[str, str]:
    """People who hold one and the same role wherever they hold any."""
    found: dict[str, str] = {}
    for username, id in people.items():
        held = {one.role for one in roles if one.account == id}
        if len(held) == 1 and username != ADMIN.username:
            found.setdefault(held.pop(), username)
    return found
