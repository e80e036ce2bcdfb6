"""Who may manage whose account (rulings 6.8).

Adding somebody to a project must never be a way to take their account over.
"""

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.accounts.user_queries import Managed
from ticketing_server.core.errors import Conflict, Forbidden


def check_may_patch(actor: Actor, person: Managed) -> None:
    """Oneself, those one manages, and for staff everybody who is neither staff nor superuser.

    Raises Forbidden.
    """
    is_ordinary = not person.is_staff and not person.is_superuser
    if actor.id != person.id and not (actor.staff and is_ordinary):
        check_manages(actor, person)


def check_manages(actor: Actor, person: Managed) -> None:
    """Superusers everybody; a superadmin the accounts made in, and kept to, their own projects.

    Raises Forbidden.
    """
    if not manages(actor, person):
        raise Forbidden


def manages(actor: Actor, person: Managed) -> bool:
    if actor.superuser:
        return True
    own = set(actor.projects_where(Action.MANAGE_MEMBERS))
    is_ordinary = not person.is_staff and not person.is_superuser
    return is_ordinary and person.created_in in own and set(person.projects) <= own


def check_not_oneself(actor: Actor, person: Managed, verb: str) -> None:
    """Raises Conflict: nobody deletes or deactivates themselves."""
    if actor.id == person.id:
        raise Conflict(f"You cannot {verb} your own account.")
