"""Whose ticket or comment it is, and so which action of the matrix a change of it is."""

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Action
from ticketing_server.tickets.comment_structs import CommentRow
from ticketing_server.tickets.structs import TicketRow


def action_to_change(field: str, actor: Actor, ticket: TicketRow) -> Action:
    """Which action of the matrix a change of this field is (rulings 4.5)."""
    return Action.ASSIGN_TICKETS if field == "assignee_ids" else action_to_edit(actor, ticket)


def action_to_edit(actor: Actor, ticket: TicketRow) -> Action:
    """One's own are those one has reported or is assigned to (rulings 4.5)."""
    is_own = actor.id == ticket.reporter or actor.id in ticket.assignee_ids
    return Action.EDIT_OWN_TICKET if is_own else Action.EDIT_OTHERS_TICKETS


def action_to_delete(actor: Actor, ticket: TicketRow) -> Action:
    """One's own are those one has reported (rulings 4.5)."""
    is_own = actor.id == ticket.reporter
    return Action.DELETE_OWN_TICKET if is_own else Action.DELETE_OTHERS_TICKETS


def action_to_edit_comment(actor: Actor, comment: CommentRow) -> Action:
    """One's own are those one has written (rulings 5.3)."""
    is_own = actor.id == comment.author
    return Action.EDIT_OWN_COMMENT if is_own else Action.EDIT_OTHERS_COMMENTS


def action_to_delete_comment(actor: Actor, comment: CommentRow) -> Action:
    """One's own are those one has written (rulings 5.3)."""
    is_own = actor.id == comment.author
    return Action.DELETE_OWN_COMMENT if is_own else Action.DELETE_OTHERS_COMMENTS
