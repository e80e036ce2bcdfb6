"""Every change of a comment: one statement with its event, which names the comment by id alone.

What was edited away or deleted is gone: people take back passwords that way.
"""

from ticketing_server.access.actor import Actor
from ticketing_server.core.db import Sql, atomic, scalar_or_none
from ticketing_server.core.entity import IfMatch
from ticketing_server.core.errors import Invalid, NotFound, missing
from ticketing_server.tickets.comment_structs import CommentNew, CommentPatch, CommentRow
from ticketing_server.tickets.ownership import action_to_delete_comment, action_to_edit_comment

# Holds off the deletion of the project and of the ticket, in the order in which deleting locks
# them; where one is gone already there is no row, and nothing is written.
ALIVE = """
SELECT t.project, t.id FROM project p JOIN ticket t ON t.project = p.id
WHERE t.id = {} FOR KEY SHARE
"""
CREATE = """
WITH alive AS MATERIALIZED ({}), commented AS (
    INSERT INTO comment (project, ticket, author, content)
    SELECT project, id, {}, {} FROM alive
    RETURNING project, ticket, author, id
), recorded AS (
    INSERT INTO event (project, ticket, actor, action, new_value)
    SELECT project, ticket, author, 'commented', to_jsonb(id) FROM commented
)
SELECT id FROM commented
"""
EDIT = """
WITH alive AS MATERIALIZED ({}), before AS MATERIALIZED (
    SELECT id, version, content FROM comment
    WHERE id = {} AND ticket = (SELECT id FROM alive) FOR NO KEY UPDATE
), edited AS (
    UPDATE comment m SET content = a.content
    FROM before b, (SELECT {}::text AS content) a
    WHERE m.id = b.id AND b.content <> a.content
    RETURNING m.project, m.ticket, m.id
), recorded AS (
    INSERT INTO event (project, ticket, actor, action, new_value)
    SELECT project, ticket, {}, 'comment_edited', to_jsonb(id) FROM edited
)
SELECT version FROM before
"""
DELETE = """
WITH alive AS MATERIALIZED ({}), deleted AS (
    DELETE FROM comment WHERE id = {} AND ticket = (SELECT id FROM alive)
    RETURNING project, ticket, id, version
), recorded AS (
    INSERT INTO event (project, ticket, actor, action, old_value)
    SELECT project, ticket, {}, 'comment_deleted', to_jsonb(id) FROM deleted
)
SELECT version FROM deleted
"""


@atomic
async def create(actor: Actor, data: CommentNew) -> int:
    """The new comment's id. Raises Invalid when the ticket has just been deleted."""
    created = Sql(CREATE, Sql(ALIVE, data.ticket), actor.id, data.content)
    comment = await scalar_or_none(created, int)
    if comment is None:
        raise Invalid(ticket=missing(data.ticket))
    return comment


@atomic
async def update(actor: Actor, comment: CommentRow, patch: CommentPatch, if_match: IfMatch) -> None:
    """The same content again is no edit. Raises Forbidden, Stale, NotFound."""
    actor.require(action_to_edit_comment(actor, comment), comment.project)
    content = patch.changes().get("content")
    edited = Sql(EDIT, Sql(ALIVE, comment.ticket), comment.id, content, actor.id)
    _check(await scalar_or_none(edited, int), if_match)


@atomic
async def delete(actor: Actor, comment: CommentRow, if_match: IfMatch) -> None:
    """Raises Forbidden, Stale, NotFound."""
    actor.require(action_to_delete_comment(actor, comment), comment.project)
    deleted = Sql(DELETE, Sql(ALIVE, comment.ticket), comment.id, actor.id)
    _check(await scalar_or_none(deleted, int), if_match)


def _check(version: int | None, if_match: IfMatch) -> None:
    """Against the version as it was when the statement took hold of the comment."""
    if version is None:
        raise NotFound
    if_match.check(version)
