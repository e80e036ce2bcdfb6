"""One endpoint: the tickets that the caller sees, newest first."""

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination

from .filters import TicketFilter, visible_to
from .models import Comment, Ticket, TicketFollower, TicketTag
from .serializers import TicketSerializer

COMMENTS = (
    Comment.objects.filter(ticket=OuterRef("pk"))
    .values("ticket")
    .annotate(count=Count("pk"))
    .values("count")
)


class TicketPagination(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class TicketList(ListAPIView):
    queryset = (
        Ticket.objects.select_related("project", "column", "company")
        .prefetch_related(
            "assignees", Prefetch("taggings", TicketTag.objects.select_related("tag"))
        )
        .annotate(comments_count=Coalesce(Subquery(COMMENTS), 0))
        .order_by("-created_at", "-id")
    )
    serializer_class = TicketSerializer
    pagination_class = TicketPagination
    filter_backends = [TicketFilter]

    def get_queryset(self) -> QuerySet[Ticket]:
        account = self.request.user
        followed = TicketFollower.objects.filter(ticket=OuterRef("pk"), account=account)
        visible = super().get_queryset().filter(visible_to(account))
        return visible.annotate(following=Exists(followed))
