"""What has happened to a ticket, in the shape in which `events.actions` records it."""

import datetime as dt
from itertools import pairwise

import msgspec

from .chance import Chance, in_office_hours
from .drafts import Draft


class Change(msgspec.Struct, frozen=True):
    """`old` and `new` are JSON."""

    at: dt.datetime
    actor: int
    field: str
    old: str
    new: str


def changes_of(chance: Chance, draft: Draft) -> list[Change]:
    """Who took the ticket, and through which columns it went, up to its last moment."""
    steps = _assignment(chance, draft) + _moves(chance, draft)
    if not steps:
        return []
    times = chance.moments(len(steps) - 1, draft.opened_at, draft.ended_at)
    return [
        Change(in_office_hours(at), actor, field, old, new)
        for at, (actor, field, old, new) in zip([*times, draft.ended_at], steps, strict=True)
    ]


Step = tuple[int, str, str, str]


def _assignment(chance: Chance, draft: Draft) -> list[Step]:
    """None when whoever opened the ticket has assigned it at once, as agents often do."""
    is_agent = draft.reporter in draft.board.agents
    if not draft.assignees or (is_agent and chance.happens(0.6)):
        return []
    assigner = chance.choice([draft.assignees[0], chance.choice(draft.board.agents)])
    return [(assigner, "assignee_ids", "[]", str(sorted(draft.assignees)))]


def _moves(chance: Chance, draft: Draft) -> list[Step]:
    if not draft.column:
        return []
    mover = draft.assignees[0]
    between = [place for place in range(1, draft.column) if chance.happens(0.55)]
    path = [0, *between, draft.column]
    names = [msgspec.json.encode(draft.board.columns[place].name).decode() for place in path]
    return [(mover, "column", old, new) for old, new in pairwise(names)]
