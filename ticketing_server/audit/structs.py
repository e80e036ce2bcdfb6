"""What of the audit log crosses the wire."""

from typing import Literal

from ticketing_server.core.structs import Id, Instant, Out

AuditAction = Literal["created", "changed", "deleted"]
AuditedTable = Literal[
    "account",
    "user_role",
    "invitation",
    "company",
    "company_member",
    "company_project",
    "project",
    "audit_entry",
]


class AuditEntryOut(Out):
    """What happened to one row of one table, and who did it.

    `user` is null for what no account did: `source` is `api`, the name of a command, or
    `database` for what was written past the server. `account`, `project` and `company` are what it
    is about. Ids stay when what they name is deleted; usernames, emails and other values of
    its own do not. `fields` names also those whose values are told nowhere, such as passwords.
    Of the log itself (`audit_entry`) is told how many `entries` went when their time was over,
    from when (`since`, `until`), and `row` is the newest of them; and, by the source `restore`,
    that all before came out of a backup: the name of its `file`, when (`made_at`) and by which
    version (`made_by`) it was made. That entry's `row` is itself.
    """

    id: Id
    created_at: Instant
    user: Id | None
    username: str | None
    source: str
    request_id: str | None
    action: AuditAction
    table: AuditedTable
    row: Id
    account: Id | None
    account_username: str | None
    project: Id | None
    company: Id | None
    fields: list[str]
    old_value: dict[str, object]
    new_value: dict[str, object]
