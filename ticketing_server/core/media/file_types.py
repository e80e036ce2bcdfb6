"""What a file is: images that a browser may show are known by their first bytes, not by their name.

The client's word is kept for other files, as information; nothing is ever served under it.
"""

import re

SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
UNKNOWN = "application/octet-stream"
HEAD_BYTES = 16

MAGIC = [
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
]
WELL_FORMED = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")


def type_of(head: bytes, declared: str | None) -> str:
    """By the first bytes where they are those of a safe image; else what the client says it is."""
    for magic, found in MAGIC:
        if magic.match(head):
            return found
    claimed = (declared or "").lower()
    if claimed in SHOWN_INLINE or not WELL_FORMED.fullmatch(claimed):
        return UNKNOWN
    return claimed
