"""`plugins check`: tries an installed plugin out, on a database of its own that is then gone."""

from .checking import Check, check_plugin

__all__ = ["Check", "check_plugin"]
