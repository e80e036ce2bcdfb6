"""Rows, constraints, defaults; no behaviour.

Every row of a tenant carries its `project`, and the second migration turns each reference inside a
project into a composite key, so that a row cannot point into another project
(`docs/decisions/0002-composite-keys.md`).
"""

from piccolo.table import Table

from .audit import AuditCount, AuditDetail, AuditEntry
from .companies import Company, CompanyMember, CompanyProject
from .dashboards import AssignedCount, PressingCount, PressingTicket
from .people import Account, AdminSession, EndedSession, LoginName
from .projects import BoardColumn, Invitation, Project, ProjectCounter, UserRole
from .records import Event, IdempotentAnswer, ProjectChange, Throttle, UnclaimedFile
from .tags import Contact, Tag, TagContact
from .tickets import (
    Attachment,
    Comment,
    Ticket,
    TicketAssignee,
    TicketCount,
    TicketFollower,
    TicketKindCount,
    TicketTag,
    TicketWords,
)

TABLES: list[type[Table]] = [
    Account,
    LoginName,
    EndedSession,
    AdminSession,
    Project,
    ProjectCounter,
    UserRole,
    BoardColumn,
    Invitation,
    Company,
    CompanyProject,
    CompanyMember,
    Tag,
    Contact,
    TagContact,
    Ticket,
    TicketCount,
    TicketKindCount,
    TicketWords,
    TicketAssignee,
    TicketFollower,
    TicketTag,
    Comment,
    Attachment,
    PressingTicket,
    PressingCount,
    AssignedCount,
    Event,
    AuditEntry,
    AuditDetail,
    AuditCount,
    IdempotentAnswer,
    ProjectChange,
    Throttle,
    UnclaimedFile,
]

__all__ = [
    "TABLES",
    "Account",
    "AdminSession",
    "AssignedCount",
    "Attachment",
    "AuditCount",
    "AuditDetail",
    "AuditEntry",
    "BoardColumn",
    "Comment",
    "Company",
    "CompanyMember",
    "CompanyProject",
    "Contact",
    "EndedSession",
    "Event",
    "IdempotentAnswer",
    "Invitation",
    "LoginName",
    "PressingCount",
    "PressingTicket",
    "Project",
    "ProjectChange",
    "ProjectCounter",
    "Tag",
    "TagContact",
    "Throttle",
    "Ticket",
    "TicketAssignee",
    "TicketCount",
    "TicketFollower",
    "TicketKindCount",
    "TicketTag",
    "TicketWords",
    "UnclaimedFile",
    "UserRole",
]
