"""Piccolo Admin for superusers: it reads the tables, and what is changed there the API changes.

`docs/decisions/0010-admin.md` says why.
"""
