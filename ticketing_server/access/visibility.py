"""Who sees what: the fragments that every read starts from; tickets are in `ticket_visibility`.

Each is a condition on the alias named in its docstring. What it leaves out does not exist for the
actor: not in lists, counts, search, or the wording of an error.
"""

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.core.db import Sql

EVERYTHING = Sql("TRUE")
# The people of the actor's own companies, in the projects in which those companies are.
COLLEAGUES = """
SELECT {} FROM company_member m JOIN company_project cp ON cp.company = m.company
WHERE m.company = ANY({}::bigint[]) AND cp.project = ANY({}::bigint[]) AND m.relation = 'user'
"""


def projects_visible_to(actor: Actor) -> Sql:
    """`p`: projects in which the actor holds a role (rulings 3.2)."""
    if actor.superuser:
        return EVERYTHING
    return Sql("p.id = ANY({}::bigint[])", list(actor.roles))


def in_visible_project(actor: Actor, column: str) -> Sql:
    """`column`: whatever lies in a project in which the actor holds a role."""
    if actor.superuser:
        return EVERYTHING
    return Sql(f"{column} = ANY({{}}::bigint[])", list(actor.roles))


def companies_visible_to(actor: Actor) -> Sql:
    """`c`: all companies of the projects the actor oversees, in the rest their own (6.2)."""
    if actor.superuser:
        return EVERYTHING
    limited = sorted(actor.roles.keys() - set(actor.projects_where(Action.VIEW_ALL_COMPANIES)))
    theirs = Sql("c.id = ANY({}::bigint[]) AND {}", actor.companies, _company_is_in(limited))
    return Sql("({} OR ({}))", companies_known_to(actor), theirs)


def companies_known_to(actor: Actor) -> Sql:
    """`c`: companies whose people the actor may know, in a project they oversee (6.2)."""
    if actor.superuser:
        return EVERYTHING
    return _company_is_in(actor.projects_where(Action.VIEW_ALL_COMPANIES))


def value_visible_to(actor: Actor, value: str) -> Sql:
    """`e`: an event's old or new value: of companies only the names that the actor sees (6.2)."""
    if actor.superuser:
        return EVERYTHING
    return Sql(
        "(e.field IS DISTINCT FROM 'company' OR e.project = ANY({}::bigint[]) OR EXISTS (SELECT"
        f" FROM company c WHERE c.id = ANY({{}}::bigint[]) AND to_jsonb(c.name::text) = {value}))",
        actor.projects_where(Action.VIEW_ALL_COMPANIES),
        actor.companies,
    )


def tags_visible_to(actor: Actor) -> Sql:
    """`g`: tags of the projects in which the actor holds a role (rulings 5.1)."""
    if actor.superuser:
        return EVERYTHING
    return Sql("g.project = ANY({}::bigint[])", actor.projects_where(Action.VIEW_TAGS))


def contacts_visible_to(actor: Actor) -> Sql:
    """`c`: contacts, or links to them; those of other clients are hidden from users (5.2)."""
    if actor.superuser:
        return EVERYTHING
    return Sql("c.project = ANY({}::bigint[])", actor.projects_where(Action.VIEW_CONTACTS))


def people_visible_to(actor: Actor) -> Sql:
    """`a`: accounts the actor may know of, in full or by name only (rulings 6.7)."""
    if sees_everybody(actor):
        return EVERYTHING
    return Sql("({} OR {})", people_known_to(actor), _people_met_by(actor))


def people_known_to(actor: Actor) -> Sql:
    """`a`: accounts of which the actor sees every field, not the name alone (rulings 6.7)."""
    if sees_everybody(actor):
        return EVERYTHING
    return Sql(
        "(a.id = {} OR a.created_by = {} OR a.id IN"
        " (SELECT r.account FROM user_role r WHERE r.project = ANY({}::bigint[])))",
        actor.id,
        actor.id,
        actor.projects_where(Action.VIEW_MEMBERS),
    )


def roles_visible_to(actor: Actor) -> Sql:
    """`r`: who is in which project, and as what (rulings 6.7).

    A user of a project knows its agents and their own colleagues there, not other clients' people.
    """
    if sees_everybody(actor):
        return EVERYTHING
    return Sql(
        "(r.account = {} OR r.project = ANY({}::bigint[]) OR (r.project = ANY({}::bigint[])"
        " AND (r.role IN ('superadmin', 'admin') OR (r.project, r.account) IN ({}))))",
        actor.id,
        actor.projects_where(Action.VIEW_MEMBERS),
        _limited_to(actor),
        Sql(COLLEAGUES, Sql("cp.project, m.account"), actor.companies, _limited_to(actor)),
    )


def sees_everybody(actor: Actor) -> bool:
    return actor.superuser or actor.staff


def _people_met_by(actor: Actor) -> Sql:
    limited = _limited_to(actor)
    agents = Sql(
        "a.id IN (SELECT r.account FROM user_role r WHERE r.project = ANY({}::bigint[])"
        " AND r.role IN ('superadmin', 'admin'))",
        limited,
    )
    colleagues = Sql(COLLEAGUES, Sql("m.account"), actor.companies, limited)
    return Sql("{} OR a.id IN ({})", agents, colleagues)


def _limited_to(actor: Actor) -> list[int]:
    """The projects of which the actor knows their own part only."""
    return sorted(actor.roles.keys() - set(actor.projects_where(Action.VIEW_MEMBERS)))


def _company_is_in(projects: list[int]) -> Sql:
    return Sql(
        "c.id IN (SELECT cp.company FROM company_project cp WHERE cp.project = ANY({}::bigint[]))",
        projects,
    )
