"""Who may: the matrix asked for one person, without a database."""

import pytest

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import MATRIX, Action, Role, roles_allowed
from ticketing_server.core.errors import Forbidden

DESK, OTHER, ELSEWHERE = 1, 2, 3
AGENT = Actor(id=7, roles={DESK: Role.ADMIN, OTHER: Role.USER})


def test_a_role_counts_only_in_its_own_project():
    assert AGENT.may(Action.ASSIGN_TICKETS, DESK)
    assert not AGENT.may(Action.ASSIGN_TICKETS, OTHER)
    assert not AGENT.may(Action.VIEW_PROJECT, ELSEWHERE)


def test_a_refusal_names_the_action_the_role_and_who_may():
    with pytest.raises(Forbidden) as refused:
        AGENT.require(Action.EDIT_OTHERS_TICKETS, DESK)

    assert refused.value.extra == {
        "action": "edit_others_tickets",
        "role": "admin",
        "roles_allowed": ["superadmin"],
    }


# What is written under somebody's name is theirs alone (rulings 5.3).
NOBODYS = {Action.EDIT_OTHERS_COMMENTS}


@pytest.mark.parametrize("action", sorted(set(Action) - NOBODYS))
def test_a_superuser_may_everything_everywhere_without_holding_a_role(action):
    root = Actor(id=1, superuser=True)

    assert root.may(action, ELSEWHERE)
    assert root.projects_where(action) == []
    assert root.is_member(ELSEWHERE)


@pytest.mark.parametrize("action", Action)
def test_staff_without_a_role_may_nothing(action):
    assert not Actor(id=1, staff=True).may(action, DESK)


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_row_and_a_superadmin_may_all_but_nobodys(action):
    assert (Role.SUPERADMIN in MATRIX[action]) == (action not in NOBODYS)
    assert roles_allowed(action) == [role for role in Role if role in MATRIX[action]]


def test_opening_a_project_makes_its_superadmin():
    assert AGENT.joining(ELSEWHERE).may(Action.DELETE_PROJECT, ELSEWHERE)
    assert not AGENT.may(Action.DELETE_PROJECT, ELSEWHERE)
