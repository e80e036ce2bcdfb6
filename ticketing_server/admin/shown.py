"""What the admin shows: for each table, the columns that a superuser may know, and how.

What is not named here is nowhere in the admin.
"""

# pyright: reportPrivateUsage=false
# `_meta` is where Piccolo describes its tables.

from typing import NamedTuple

from piccolo.columns import Column
from piccolo.table import Table

from ticketing_server import tables


class Shown(NamedTuple):
    """`columns` in the order of the form. `name` is how other rows speak of one: text and columns.

    `listed`, `filters` and `order` are the list's.
    """

    table: type[Table]
    group: str
    columns: str
    listed: str
    filters: str
    name: tuple[str, str] = ("#%s", "id")
    order: str = "-id"

    def own_columns(self) -> list[Column]:
        """As the table itself knows them."""
        return columns_of(self.table, self.columns)


PEOPLE, PROJECTS, COMPANIES = "1. People", "2. Projects", "3. Companies"
TICKETS, OPERATIONS = "4. Tickets", "5. Operations"

SHOWN = [
    Shown(
        tables.Account, PEOPLE, name=("%s", "username"), order="username",
        columns="id username email first_name last_name active is_staff superuser"
        " created_by date_joined last_login version",
        listed="id username email first_name last_name active superuser last_login",
        filters="username email first_name last_name active is_staff superuser date_joined",
    ),
    Shown(
        tables.AdminSession, OPERATIONS,
        columns="id account created_at expires_at",
        listed="id account created_at expires_at",
        filters="account expires_at",
    ),
    Shown(
        tables.Project, PROJECTS, name=("%s (%s)", "name key"), order="name",
        columns="id key name description widgets created_by version created_at updated_at",
        listed="id key name created_by created_at",
        filters="key name created_by created_at",
    ),
    Shown(
        tables.UserRole, PEOPLE,
        columns="id project account role granted assigned_by assigned_at",
        listed="id project account role granted assigned_by assigned_at",
        filters="project account role granted assigned_at",
    ),
    Shown(
        tables.BoardColumn, PROJECTS, name=("%s / %s", "project.key name"), order="id",
        columns="id project name status category order color version created_at updated_at",
        listed="id project name status category order color",
        filters="project name status category",
    ),
    Shown(
        tables.Invitation, PEOPLE,
        columns="id project role email created_by accepted_by created_at expires_at accepted_at",
        listed="id project role email created_by accepted_by expires_at",
        filters="project role email created_by accepted_by expires_at",
    ),
    Shown(
        tables.Company, COMPANIES, name=("%s", "name"), order="name",
        columns="id name description primary_contact_email phone version created_at updated_at",
        listed="id name primary_contact_email phone created_at",
        filters="name primary_contact_email phone created_at",
    ),
    Shown(
        tables.CompanyProject, COMPANIES,
        columns="id company project",
        listed="id company project",
        filters="company project",
    ),
    Shown(
        tables.CompanyMember, COMPANIES,
        columns="id company account relation added_at",
        listed="id company account relation added_at",
        filters="company account relation",
    ),
    Shown(
        tables.Tag, PROJECTS, name=("%s / %s", "project.key name"), order="name",
        columns="id project name description color version created_at updated_at",
        listed="id project name description color",
        filters="project name",
    ),
    Shown(
        tables.Contact, COMPANIES, name=("%s <%s>", "name email"), order="name",
        columns="id project name email phone title department description version"
        " created_at updated_at",
        listed="id project name email phone title department",
        filters="project name email phone title department",
    ),
    Shown(
        tables.TagContact, COMPANIES,
        columns="id project tag contact role added_at",
        listed="id project tag contact role",
        filters="project tag contact role",
    ),
    Shown(
        tables.Ticket, TICKETS, name=("%s-%s %s", "project.key number name"),
        columns="id project number name description type priority_id urgency importance column"
        " company reporter start_date due_date resolved_at version created_at updated_at",
        listed="id project number name type priority_id column company reporter due_date"
        " updated_at",
        filters="project number name description type priority_id urgency importance column"
        " company reporter due_date resolved_at created_at updated_at",
    ),
    Shown(
        tables.TicketAssignee, TICKETS,
        columns="id project ticket account",
        listed="id ticket account",
        filters="project ticket account",
    ),
    Shown(
        tables.TicketFollower, TICKETS,
        columns="id project ticket account",
        listed="id ticket account",
        filters="project ticket account",
    ),
    Shown(
        tables.TicketTag, TICKETS,
        columns="id project ticket tag",
        listed="id ticket tag",
        filters="project ticket tag",
    ),
    Shown(
        tables.Comment, TICKETS,
        columns="id project ticket author content version created_at updated_at",
        listed="id ticket author content created_at",
        filters="project ticket author content created_at",
    ),
    Shown(
        tables.Attachment, TICKETS, name=("%s", "filename"),
        columns="id project ticket filename content_type size uploaded_by uploaded_at",
        listed="id ticket filename content_type size uploaded_by uploaded_at",
        filters="project ticket filename content_type size uploaded_by uploaded_at",
    ),
    Shown(
        tables.Event, TICKETS,
        columns="id project ticket actor action field old_value new_value created_at",
        listed="id ticket actor action field old_value new_value created_at",
        filters="project ticket actor action field created_at",
    ),
    Shown(
        tables.AuditEntry, OPERATIONS,
        columns="id created_at actor source request_id action resource resource_id account project"
        " company fields old_value new_value",
        listed="id created_at actor source action resource resource_id account project company"
        " fields",
        filters="created_at actor source request_id action resource resource_id account project"
        " company",
    ),
    Shown(
        tables.AuditDetail, OPERATIONS,
        columns="id entry resource resource_id old_value new_value",
        listed="id entry resource resource_id old_value new_value",
        filters="entry resource resource_id",
    ),
]  # fmt: skip
SHOWN_AS = {shown.table._meta.tablename: shown for shown in SHOWN}


def columns_of(table: type[Table], names: str) -> list[Column]:
    """By their names; `project.key` is one of the row that is pointed at."""
    return [table._meta.get_column_by_name(name) for name in names.split()]
