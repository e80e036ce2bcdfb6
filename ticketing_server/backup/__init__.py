"""`backup` and `restore`: one file with the database and the uploaded files."""

from .archive import creating, opened
from .manifest import Refused
from .restoring import restore
from .taking import back_up

__all__ = ["Refused", "back_up", "creating", "opened", "restore"]
