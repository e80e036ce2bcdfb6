"""A ticket as the API shows it.

Declared by hand: a ModelSerializer builds its fields anew for every request.
"""

from rest_framework import serializers

from .models import Ticket


class TicketSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    type = serializers.CharField()
    status = serializers.CharField(source="column.status")
    priority_id = serializers.IntegerField()
    urgency = serializers.CharField()
    importance = serializers.CharField()
    project = serializers.IntegerField(source="project_id")
    project_key = serializers.CharField(source="project.key")
    column = serializers.IntegerField(source="column_id")
    column_name = serializers.CharField(source="column.name")
    assignee_ids = serializers.SerializerMethodField()
    following = serializers.BooleanField()
    comments_count = serializers.IntegerField()
    tag_names = serializers.SerializerMethodField()
    due_date = serializers.DateField()
    start_date = serializers.DateField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    key = serializers.CharField()
    number = serializers.IntegerField()
    company = serializers.IntegerField(source="company_id")
    company_name = serializers.CharField(source="company.name", default=None)
    reporter = serializers.IntegerField(source="reporter_id")
    resolved_at = serializers.DateTimeField()
    tag_ids = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    def get_assignee_ids(self, ticket: Ticket) -> list[int]:
        return [assignee.account_id for assignee in ticket.assignees.all()]

    def get_tag_names(self, ticket: Ticket) -> list[str]:
        return [tagging.tag.name for tagging in ticket.taggings.all()]

    def get_tag_ids(self, ticket: Ticket) -> list[int]:
        return [tagging.tag_id for tagging in ticket.taggings.all()]
