"""What ties a person to projects and companies: one fragment, and the row that carries it."""

import msgspec

from ticketing_server.core.db import Sql

# What ties a person to projects and companies, as far as the reader may know of those.
TIES = """
json_build_object(
    'project_roles', (
        SELECT coalesce(json_agg(json_build_object(
            'project_id', p.id, 'project_name', p.name, 'role', r.role
        ) ORDER BY p.name, p.id), '[]')
        FROM user_role r JOIN project p ON p.id = r.project WHERE r.account = a.id AND {}),
    'administered_companies', ({}), 'member_companies', ({}))::text
"""
COMPANIES = """
SELECT coalesce(json_agg(json_build_object('id', c.id, 'name', c.name) ORDER BY c.name, c.id), '[]')
FROM company_member m JOIN company c ON c.id = m.company
WHERE m.account = a.id AND m.relation = {} AND {}
"""


def ties(projects: Sql, companies: Sql) -> Sql:
    """On the alias `a`; the conditions, on `r` and `c`, say which ties the reader may know of."""
    administered = Sql(COMPANIES, "admin", companies)
    return Sql(TIES, projects, administered, Sql(COMPANIES, "user", companies))


class PersonRow(msgspec.Struct, kw_only=True):
    """A person's row, with the ties still as the database's JSON."""

    id: int
    username: str
    email: str | None
    first_name: str
    last_name: str
    is_superuser: bool | None
    is_staff: bool | None
    version: int
    ties: str | None
    is_active: object = None
    date_joined: object = None
    last_login: object = None

    def whole(self) -> dict[str, object]:
        ties = msgspec.json.decode(self.ties) if self.ties else NO_TIES
        return {**msgspec.structs.asdict(self), **ties}


NO_TIES: dict[str, object] = {
    "project_roles": [],
    "administered_companies": [],
    "member_companies": [],
}
