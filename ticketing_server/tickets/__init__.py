"""Tickets, and who follows them."""
