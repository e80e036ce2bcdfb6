"""What text is let in: NFC, trimmed, without control characters (rulings 1.9)."""

import re
import unicodedata

# Newline and tab are text; every other C0 control character is not.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")


class UnfitText(ValueError):
    """The text holds what no text may hold."""


def clean(text: str) -> str:
    """The text as it is kept. A Windows line end counts as a newline. Raises UnfitText."""
    return verbatim(text.replace("\r\n", "\n")).strip()


def verbatim(text: str) -> str:
    """As `clean`, with the blanks at both ends kept: they may belong to a password."""
    if CONTROL.search(text):
        raise UnfitText("Null and control characters are not allowed.")
    return text if text.isascii() else unicodedata.normalize("NFC", text)
