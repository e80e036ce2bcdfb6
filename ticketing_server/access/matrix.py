"""The role matrix: the policy of a project as one table.

Compare it by eye with the reference's Permission Matrix; the rows below the line come from the
rulings named beside them.
"""

from enum import StrEnum


class Role(StrEnum):
    """What a person is in one project."""

    SUPERADMIN = "superadmin"
    ADMIN = "admin"
    USER = "user"
    MANAGER = "manager"


class Action(StrEnum):
    """What can be done in a project."""

    CREATE_PROJECT = "create_project"
    EDIT_PROJECT = "edit_project"
    DELETE_PROJECT = "delete_project"
    MANAGE_MEMBERS = "manage_members"
    VIEW_PROJECT = "view_project"
    CREATE_COMPANY = "create_company"
    EDIT_COMPANY = "edit_company"
    DELETE_COMPANY = "delete_company"
    VIEW_COMPANIES = "view_companies"
    CREATE_TAG = "create_tag"
    EDIT_TAG = "edit_tag"
    DELETE_TAG = "delete_tag"
    VIEW_TAGS = "view_tags"
    VIEW_ALL_TICKETS = "view_all_tickets"
    CREATE_TICKET = "create_ticket"
    EDIT_OWN_TICKET = "edit_own_ticket"
    EDIT_OTHERS_TICKETS = "edit_others_tickets"
    DELETE_OWN_TICKET = "delete_own_ticket"
    ASSIGN_TICKETS = "assign_tickets"
    COMMENT_ON_TICKETS = "comment_on_tickets"
    DELETE_OTHERS_TICKETS = "delete_others_tickets"
    FOLLOW_TICKETS = "follow_tickets"
    MANAGE_COLUMNS = "manage_columns"
    VIEW_MEMBERS = "view_members"
    ATTACH_FILES = "attach_files"
    DELETE_OWN_ATTACHMENT = "delete_own_attachment"
    DELETE_OTHERS_ATTACHMENTS = "delete_others_attachments"
    VIEW_ALL_COMPANIES = "view_all_companies"
    VIEW_CONTACTS = "view_contacts"
    CREATE_CONTACT = "create_contact"
    EDIT_CONTACT = "edit_contact"
    DELETE_CONTACT = "delete_contact"
    EDIT_OWN_COMMENT = "edit_own_comment"
    EDIT_OTHERS_COMMENTS = "edit_others_comments"
    DELETE_OWN_COMMENT = "delete_own_comment"
    DELETE_OTHERS_COMMENTS = "delete_others_comments"
    VIEW_REPORTS = "view_reports"


S, A, U, M = Role.SUPERADMIN, Role.ADMIN, Role.USER, Role.MANAGER

MATRIX: dict[Action, frozenset[Role]] = {
    # Projects
    Action.CREATE_PROJECT:        frozenset({S         }),
    Action.EDIT_PROJECT:          frozenset({S         }),
    Action.DELETE_PROJECT:        frozenset({S         }),
    Action.MANAGE_MEMBERS:        frozenset({S         }),
    Action.VIEW_PROJECT:          frozenset({S, A, U, M}),
    # Companies
    Action.CREATE_COMPANY:        frozenset({S         }),
    Action.EDIT_COMPANY:          frozenset({S         }),
    Action.DELETE_COMPANY:        frozenset({S         }),
    Action.VIEW_COMPANIES:        frozenset({S, A, U, M}),
    # Tags
    Action.CREATE_TAG:            frozenset({S         }),
    Action.EDIT_TAG:              frozenset({S         }),
    Action.DELETE_TAG:            frozenset({S         }),
    Action.VIEW_TAGS:             frozenset({S, A, U, M}),
    # Tickets
    Action.VIEW_ALL_TICKETS:      frozenset({S, A,    M}),
    Action.CREATE_TICKET:         frozenset({S, A, U   }),
    Action.EDIT_OWN_TICKET:       frozenset({S, A, U   }),
    Action.EDIT_OTHERS_TICKETS:   frozenset({S         }),
    Action.DELETE_OWN_TICKET:     frozenset({S, A, U   }),
    Action.ASSIGN_TICKETS:        frozenset({S, A      }),
    Action.COMMENT_ON_TICKETS:    frozenset({S, A, U, M}),
    # ------------------------------------------------------- rulings
    Action.DELETE_OTHERS_TICKETS: frozenset({S         }),  # 4.5
    Action.FOLLOW_TICKETS:        frozenset({S, A, U, M}),  # 4.5
    Action.MANAGE_COLUMNS:        frozenset({S         }),  # 3.5
    Action.VIEW_MEMBERS:          frozenset({S, A,    M}),  # 6.7
    Action.ATTACH_FILES:          frozenset({S, A, U, M}),  # 5.4
    Action.DELETE_OWN_ATTACHMENT: frozenset({S, A, U, M}),  # 5.4
    Action.DELETE_OTHERS_ATTACHMENTS: frozenset({S     }),  # 5.4
    Action.VIEW_ALL_COMPANIES:    frozenset({S, A,    M}),  # 6.2
    Action.VIEW_CONTACTS:         frozenset({S, A,    M}),  # 5.2
    Action.CREATE_CONTACT:        frozenset({S, A      }),  # 5.2
    Action.EDIT_CONTACT:          frozenset({S, A      }),  # 5.2
    Action.DELETE_CONTACT:        frozenset({S         }),  # 5.2
    Action.EDIT_OWN_COMMENT:      frozenset({S, A, U, M}),  # 5.3
    Action.EDIT_OTHERS_COMMENTS:  frozenset({          }),  # 5.3: nobody puts words into a mouth
    Action.DELETE_OWN_COMMENT:    frozenset({S, A, U, M}),  # 5.3
    Action.DELETE_OTHERS_COMMENTS: frozenset({S        }),  # 5.3
    Action.VIEW_REPORTS:          frozenset({S, A,    M}),  # 6.10
}  # fmt: skip


def roles_allowed(action: Action) -> list[Role]:
    """In the order of the matrix."""
    return [role for role in Role if role in MATRIX[action]]
