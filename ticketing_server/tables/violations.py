"""What each constraint of the database means to a caller."""

import logging
import re

import asyncpg

from ticketing_server.core.errors import NON_FIELD, Conflict, Invalid, Refusal, missing

logger = logging.getLogger(__name__)

# Writing a row that the constraint forbids: the field, and what is wrong with it.
WRONG_FIELDS = {
    "account_username_key": ("username", "A user with that username already exists."),
    "account_username_free": ("username", "A user with that username already exists."),
    "account_email_free": ("email", "A user with that email already exists."),
    "account_email_key": ("email", "A user with that email already exists."),
    "project_key_key": ("key", "A project with this key already exists."),
    "board_column_project_name_key": ("name", "This project already has a column of that name."),
    "board_column_project_status_key": ("name", "This project has a column too like that name."),
    "tag_project_name_key": ("name", "This project already has a tag of that name."),
    "ticket_dates_in_order": ("due_date", "The due date must not be before the start date."),
}
# Pointing at what has just gone: the field that named it.
GONE = {
    "tag_project_fkey": "project",
    "contact_project_fkey": "project",
    "ticket_column_fkey": "column",
    "ticket_company_fkey": "company",
    "attachment_ticket_fkey": "ticket",
    "ticket_assignee_account_fkey": "assignee_ids",
    "ticket_tag_tag_fkey": "tag_ids",
    "user_role_project_fkey": "project_id",
    "company_member_account_fkey": "user_id",
    "company_project_project_fkey": "project_ids",
}
# Taking away what the constraint still needs: why that cannot be done now.
CONFLICTS = {
    "project_keeps_a_superadmin": "A project must keep at least one superadmin.",
    "ticket_column_fkey": "The column still holds tickets; name another column in move_to.",
    "ticket_company_fkey": "The company still has tickets.",
    "board_column_project_order_key": "The columns were reordered meanwhile; try again.",
}
# `Key (project, tag)=(1, 7) is not present`, in whatever language: what was named comes last.
KEY = re.compile(r"=\((?:.*, )?(\d+)\)")
TAKEN_AWAY = "update or delete on table"


def explain(error: asyncpg.IntegrityConstraintViolationError) -> Refusal:
    """The refusal that a violated constraint stands for."""
    name: str = getattr(error, "constraint_name", None) or ""
    if name in WRONG_FIELDS and not str(error).startswith(TAKEN_AWAY):
        field, message = WRONG_FIELDS[name]
        return Invalid({field: message})
    if name in GONE and not str(error).startswith(TAKEN_AWAY):
        return Invalid({GONE[name]: missing(_key(error))})
    if name in CONFLICTS:
        return Conflict(CONFLICTS[name])
    logger.warning("unexplained violation of %s", name or type(error).__name__)
    if isinstance(error, asyncpg.CheckViolationError):
        return Invalid({NON_FIELD: "The values do not fit together."})
    return Conflict()


def _key(error: asyncpg.IntegrityConstraintViolationError) -> str:
    found = KEY.search(getattr(error, "detail", None) or "")
    return found[1] if found else "?"
