"""Ours, and nothing beside it."""

from django.urls import path

from .views import TicketList

urlpatterns = [path("api/tickets/tickets/", TicketList.as_view())]
