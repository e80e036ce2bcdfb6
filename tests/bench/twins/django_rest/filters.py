"""Which tickets an account sees, and what it can narrow them by."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from .models import Account, CompanyMember, Ticket, TicketAssignee, TicketFollower

IDS = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1))
PARAMETERS = {
    "column": IDS,
    "priority_id": serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=5)),
    "type": serializers.MultipleChoiceField(choices=["task", "bug", "story", "epic"]),
    "tags": IDS,
}


def visible_to(account: Account) -> Q:
    """All tickets of the projects the account oversees, in the rest its own."""
    if account.is_superuser:
        return Q()
    own = (
        Q(reporter=account)
        | Q(company__in=CompanyMember.objects.filter(account=account).values("company"))
        | Q(pk__in=TicketAssignee.objects.filter(account=account).values("ticket"))
        | Q(pk__in=TicketFollower.objects.filter(account=account).values("ticket"))
    )
    return Q(project__in=account.overseen) | Q(project__in=account.limited) & own


class TicketFilter(BaseFilterBackend):
    """A repeated parameter means any of its values, but all of the `tags`."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Ticket], view: GenericAPIView
    ) -> QuerySet[Ticket]:
        for name in PARAMETERS.keys() & request.query_params.keys():
            values = read(name, request.query_params.getlist(name))
            if name == "tags":
                for tag in set(values):
                    queryset = queryset.filter(taggings__tag=tag)
            else:
                queryset = queryset.filter(**{f"{name}__in": values})
        return queryset


def read(name: str, values: list[str]) -> Collection[Any]:
    """Raises ValidationError on the parameter."""
    try:
        return PARAMETERS[name].run_validation(values)
    except ValidationError as error:
        raise ValidationError({name: error.detail}) from error
