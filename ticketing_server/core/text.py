"""What text is let in: NFC, trimmed, without control characters (rulings 1.9)."""

import re
import unicodedata

from ticketing_server.core.errors import Unfit

# Newline and tab are text; every other C0 control character is not.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
# Line breaks, invisible marks, and those that turn text around: `gpj.exe` must not read `exe.jpg`.
UNSEEN = re.compile("[\t\n\r\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class UnfitText(Unfit):
    """The text holds what no text may hold."""


def clean(text: str) -> str:
    """The text as it is kept. A Windows line end counts as a newline. Raises UnfitText."""
    return verbatim(text.replace("\r\n", "\n")).strip()


def verbatim(text: str) -> str:
    """As `clean`, with the blanks at both ends kept: they may belong to a password."""
    if CONTROL.search(text):
        raise UnfitText("Null and control characters are not allowed.")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def base_name(path: str) -> str:
    """The name of a file without the way to it, of whatever system; "" where none is left."""
    name = UNSEEN.sub("", path).replace("\\", "/").rpartition("/")[2].strip()
    return "" if name in (".", "..") else name
