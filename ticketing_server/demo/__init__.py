"""A made-up provider to look at: people of every role, clients, boards, tickets.

Only the command line loads it, and only with DEBUG on (rulings 2.3).
"""

from .load import DemoRefused, DemoSummary, load_demo

__all__ = ["DemoRefused", "DemoSummary", "load_demo"]
