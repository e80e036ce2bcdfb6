"""`backup` and `restore`: one file with the database and the uploaded files."""

from .archive import creating
from .manifest import Refused
from .restoring import restorable, restore
from .taking import back_up

__all__ = ["Refused", "back_up", "creating", "restorable", "restore"]
