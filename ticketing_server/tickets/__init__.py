"""Tickets, who follows them, and what is said about them."""
