"""Accounts: registering, signing in, users, their roles, and how outsiders come in."""
