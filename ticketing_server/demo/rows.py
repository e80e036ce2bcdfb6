"""A ticket and all that hangs on it, as rows."""

from collections.abc import Iterable
from typing import Any

import msgspec

from .chance import Chance, in_office_hours, spread
from .copying import Connection, copy
from .drafts import Draft
from .history import changes_of

TICKET = (
    "id project number name description type priority_id urgency importance column company"
    " reporter due_date start_date resolved_at version created_at updated_at"
)
EVENT = "project ticket actor action field old_value new_value created_at"
COMMENT = "project ticket author content created_at updated_at"

COMMENTS = spread({0: 22, 1: 22, 2: 22, 3: 14, 4: 10, 5: 6, 6: 4})
FOLLOWERS = spread({0: 60, 1: 25, 2: 15})
TAGS = spread({0: 15, 1: 45, 2: 28, 3: 12})

Row = tuple[Any, ...]


class Rows(msgspec.Struct):
    """Those of some tickets, table by table."""

    tickets: list[Row] = []
    assignees: list[Row] = []
    followers: list[Row] = []
    tags: list[Row] = []
    comments: list[Row] = []
    events: list[Row] = []

    async def copy(self, connection: Connection) -> None:
        """Tickets first: the others point at them."""
        await copy(connection, "ticket", TICKET, self.tickets)
        await copy(connection, "ticket_assignee", "project ticket account", self.assignees)
        await copy(connection, "ticket_follower", "project ticket account", self.followers)
        await copy(connection, "ticket_tag", "project ticket tag", self.tags)
        await copy(connection, "comment", COMMENT, self.comments)
        await copy(connection, "event", EVENT, self.events)


def rows_of(chance: Chance, drafts: Iterable[Draft]) -> Rows:
    rows = Rows()
    for draft in drafts:
        _add_ticket_and_events(chance, draft, rows)
        _add_links(chance, draft, rows)
        _add_comments(chance, draft, rows)
    return rows


def _add_ticket_and_events(chance: Chance, draft: Draft, rows: Rows) -> None:
    project, id = draft.board.project, draft.id
    changes = changes_of(chance, draft)
    opened_at = in_office_hours(draft.opened_at)
    created = (project, id, draft.reporter, "created", None, None, None, opened_at)
    rows.events.append(created)
    rows.events += [
        (project, id, change.actor, "changed", change.field, change.old, change.new, change.at)
        for change in changes
    ]
    updated_at = changes[-1].at if changes else opened_at
    rows.tickets.append(
        (
            id,
            project,
            draft.number,
            draft.wording.title(chance),
            draft.wording.description(chance),
            draft.type,
            draft.priority,
            draft.urgency,
            draft.importance,
            draft.board.columns[draft.column].id,
            draft.client.company,
            draft.reporter,
            draft.due_date,
            draft.start_date,
            updated_at if draft.is_done else None,
            1 + len(changes),
            opened_at,
            updated_at,
        )
    )


def _add_links(chance: Chance, draft: Draft, rows: Rows) -> None:
    project, id = draft.board.project, draft.id
    rows.assignees += [(project, id, account) for account in draft.assignees]
    rows.followers += [(project, id, account) for account in _followers(chance, draft)]
    rows.tags += [(project, id, tag) for tag in _tags(chance, draft)]


def _followers(chance: Chance, draft: Draft) -> list[int]:
    curious = [*draft.client.users, *draft.board.managers, *draft.board.agents]
    return chance.sample(curious, chance.choice(FOLLOWERS))


def _tags(chance: Chance, draft: Draft) -> list[int]:
    """At most two that fit the subject, and then any of the project's."""
    fitting = draft.wording.subject.tags
    wanted = chance.choice(TAGS)
    kept = chance.sample(fitting, min(wanted, len(fitting), 2))
    if wanted > len(kept):
        kept.append(chance.choice(draft.board.tags))
    return list(dict.fromkeys(kept))


def _add_comments(chance: Chance, draft: Draft, rows: Rows) -> None:
    remarks = draft.wording.remarks(chance, chance.choice(COMMENTS), is_done=draft.is_done)
    times = chance.moments(len(remarks), draft.opened_at, draft.ended_at)
    agent = draft.assignees[0] if draft.assignees else chance.choice(draft.client.agents)
    client = _client_speaker(chance, draft)
    for at, remark in zip(map(in_office_hours, times), remarks, strict=True):
        author = agent if remark.by_agent else client
        rows.comments.append((draft.board.project, draft.id, author, remark.text, at, at))


def _client_speaker(chance: Chance, draft: Draft) -> int:
    if not draft.client.users or draft.reporter in draft.client.users:
        return draft.reporter
    return chance.choice(draft.client.users)
