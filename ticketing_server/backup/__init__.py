"""`backup` and `restore`: one file with the database and the uploaded files."""

from .archive import Refused, creating, opened
from .restoring import restore
from .taking import back_up

__all__ = ["Refused", "back_up", "creating", "opened", "restore"]
