"""The existing tables, with the columns that the ticket list reads."""

from django.db import models
from django.db.models import DO_NOTHING


class Account(models.Model):
    is_active = models.BooleanField(db_column="active")
    is_superuser = models.BooleanField(db_column="superuser")
    token_epoch = models.IntegerField()

    is_authenticated = True

    class Meta:
        managed = False
        db_table = "account"


class EndedSession(models.Model):
    jti = models.CharField(max_length=64, unique=True)

    class Meta:
        managed = False
        db_table = "ended_session"


class Project(models.Model):
    key = models.CharField(max_length=10, unique=True)

    class Meta:
        managed = False
        db_table = "project"


class UserRole(models.Model):
    project = models.ForeignKey(Project, DO_NOTHING, db_column="project")
    account = models.ForeignKey(Account, DO_NOTHING, db_column="account")
    role = models.CharField(max_length=10)

    class Meta:
        managed = False
        db_table = "user_role"


class BoardColumn(models.Model):
    name = models.CharField(max_length=255)
    status = models.CharField(max_length=255)

    class Meta:
        managed = False
        db_table = "board_column"


class Company(models.Model):
    name = models.CharField(max_length=255)

    class Meta:
        managed = False
        db_table = "company"


class CompanyMember(models.Model):
    company = models.ForeignKey(Company, DO_NOTHING, db_column="company")
    account = models.ForeignKey(Account, DO_NOTHING, db_column="account")

    class Meta:
        managed = False
        db_table = "company_member"


class Tag(models.Model):
    name = models.CharField(max_length=255)

    class Meta:
        managed = False
        db_table = "tag"


class Ticket(models.Model):
    project = models.ForeignKey(Project, DO_NOTHING, db_column="project")
    number = models.IntegerField()
    name = models.CharField(max_length=500)
    description = models.TextField()
    type = models.CharField(max_length=5)
    priority_id = models.SmallIntegerField()
    urgency = models.CharField(max_length=8)
    importance = models.CharField(max_length=8)
    column = models.ForeignKey(BoardColumn, DO_NOTHING, db_column="column")
    company = models.ForeignKey(Company, DO_NOTHING, db_column="company", null=True)
    reporter = models.ForeignKey(Account, DO_NOTHING, db_column="reporter", null=True)
    due_date = models.DateField(null=True)
    start_date = models.DateField(null=True)
    resolved_at = models.DateTimeField(null=True)
    version = models.IntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ticket"

    @property
    def key(self) -> str:
        return f"{self.project.key}-{self.number}"


class TicketAssignee(models.Model):
    ticket = models.ForeignKey(Ticket, DO_NOTHING, db_column="ticket", related_name="assignees")
    account = models.ForeignKey(Account, DO_NOTHING, db_column="account")

    class Meta:
        managed = False
        db_table = "ticket_assignee"
        ordering = ["id"]


class TicketFollower(models.Model):
    ticket = models.ForeignKey(Ticket, DO_NOTHING, db_column="ticket", related_name="followers")
    account = models.ForeignKey(Account, DO_NOTHING, db_column="account")

    class Meta:
        managed = False
        db_table = "ticket_follower"


class TicketTag(models.Model):
    ticket = models.ForeignKey(Ticket, DO_NOTHING, db_column="ticket", related_name="taggings")
    tag = models.ForeignKey(Tag, DO_NOTHING, db_column="tag")

    class Meta:
        managed = False
        db_table = "ticket_tag"
        ordering = ["id"]


class Comment(models.Model):
    ticket = models.ForeignKey(Ticket, DO_NOTHING, db_column="ticket", related_name="comments")

    class Meta:
        managed = False
        db_table = "comment"
