"""One ticket as it might have gone."""

import datetime as dt
import math

import msgspec

from .boards import Board, Client
from .chance import Chance, spread
from .content import Mood
from .wording import Wording, word

PRIORITIES = spread({1: 5, 2: 22, 3: 46, 4: 20, 5: 7})
LEVELS = ["low", "medium", "high", "critical"]
# By priority: places in LEVELS.
URGENCY = {
    1: spread({0: 9, 1: 1}),
    2: spread({0: 5, 1: 5}),
    3: spread({0: 2, 1: 7, 2: 1}),
    4: spread({1: 5, 2: 5}),
    5: spread({2: 6, 3: 4}),
}
IMPORTANCE = spread({"low": 25, "medium": 50, "high": 20, "critical": 5})
TYPES = {
    "fault": spread({"bug": 8, "task": 2}),
    "request": spread({"task": 8, "story": 2}),
    "project": spread({"story": 5, "task": 3, "epic": 2}),
}
# By priority: how many days are given at least and at most, and how many hours it takes.
DAYS = {1: (14, 60), 2: (10, 45), 3: (5, 25), 4: (2, 8), 5: (1, 3)}
HOURS = {1: 260, 2: 180, 3: 110, 4: 45, 5: 16}

# The highest priority that a company's open tickets may have, so that its health is its mood:
# only where a 5 may stand may a ticket be critical or overdue (rulings 6.6).
CAPS: dict[Mood, int] = {"calm": 3, "quiet": 3, "uneasy": 4, "burning": 5}
MAY_BE_LATE = 5
QUIET_FOR_DAYS = 75
FRESH_DAYS = 4
LONGEST = dt.timedelta(days=30)

ASSIGNEES = spread({1: 72, 2: 22, 3: 6})


class Draft(msgspec.Struct, frozen=True):
    """`column` is a place on the board; `ended_at` is when the last thing happened to it."""

    id: int
    number: int
    board: Board
    client: Client
    wording: Wording
    type: str
    priority: int
    urgency: str
    importance: str
    column: int
    is_done: bool
    reporter: int
    assignees: list[int]
    start_date: dt.date | None
    due_date: dt.date | None
    opened_at: dt.datetime
    ended_at: dt.datetime


def draft(chance: Chance, board: Board, id: int, opened_at: dt.datetime) -> Draft:
    age = (chance.now - opened_at) / dt.timedelta(days=1)
    client = chance.choice(board.clients if age > QUIET_FOR_DAYS else board.active_clients)
    is_done = chance.happens(_done_by(age, client.mood))
    cap = 5 if is_done else CAPS[client.mood]
    priority = min(chance.choice(PRIORITIES), cap)
    column = _column(chance, board, age, is_done=is_done)
    wording = word(chance, client)
    start_date, due_date = _dates(chance, opened_at, priority, not_late=cap < MAY_BE_LATE)
    return Draft(
        id=id,
        number=board.next_number(),
        board=board,
        client=client,
        wording=wording,
        type=chance.choice(TYPES[wording.subject.topic.kind]),
        priority=priority,
        urgency=LEVELS[min(chance.choice(URGENCY[priority]), cap - 2)],
        importance=chance.choice(IMPORTANCE),
        column=column,
        is_done=is_done,
        reporter=_reporter(chance, client),
        assignees=_assignees(chance, board, client, is_new=column == 0),
        start_date=start_date,
        due_date=due_date,
        opened_at=opened_at,
        ended_at=_end(chance, opened_at, priority, is_done=is_done),
    )


def _done_by(age: float, mood: Mood) -> float:
    """How likely a ticket is done after so many days."""
    if mood == "quiet":
        return 1.0
    return (0.8 if mood == "burning" else 0.97) - 0.77 * math.exp(-age / 11)


def _column(chance: Chance, board: Board, age: float, *, is_done: bool) -> int:
    """The younger, the nearer to the board's left side; its last column is the done one."""
    last = len(board.columns) - 1
    return last if is_done else int(last * chance.random() ** (3 if age < FRESH_DAYS else 1.2))


def _reporter(chance: Chance, client: Client) -> int:
    speaks_for_itself = client.users and chance.happens(0.8)
    return chance.choice(client.users if speaks_for_itself else client.agents)


def _assignees(chance: Chance, board: Board, client: Client, *, is_new: bool) -> list[int]:
    """Somebody who looks after the client, mostly; what is new may still wait for somebody."""
    if is_new and chance.happens(0.9 if client.mood == "uneasy" else 0.5):
        return []
    wanted = chance.choice(ASSIGNEES)
    first = chance.choice(client.agents if chance.happens(0.65) else board.agents)
    others = chance.sample(board.agents, wanted - 1)
    return list(dict.fromkeys([first, *others]))


def _dates(
    chance: Chance, opened_at: dt.datetime, priority: int, *, not_late: bool
) -> tuple[dt.date | None, dt.date | None]:
    opened = opened_at.date()
    start = opened + dt.timedelta(days=chance.randint(0, 4)) if chance.happens(0.3) else None
    if chance.happens(0.35):
        return start, None
    due = max(start or opened, opened + dt.timedelta(days=chance.randint(*DAYS[priority])))
    if not_late and due < chance.today:
        due = chance.today + dt.timedelta(days=chance.randint(0, 20))
    return start, due


def _end(chance: Chance, opened_at: dt.datetime, priority: int, *, is_done: bool) -> dt.datetime:
    if not is_done:
        return chance.between(opened_at, chance.now)
    took = dt.timedelta(hours=0.3 + chance.expovariate(1 / HOURS[priority]))
    return opened_at + min(took, LONGEST, (chance.now - opened_at) * 0.95)
