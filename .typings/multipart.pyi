"""What is used of `multipart`: the checker takes python-multipart's package of that name for it.

At run time that package steps aside.
"""

from collections.abc import Iterator
from typing import Any

class MultipartError(ValueError): ...

class MultipartSegment:
    name: str | None
    filename: str | None
    content_type: str | None
    def header(self, name: str, default: str | None = None) -> str | None: ...

class PushMultipartParser:
    def __init__(self, boundary: str | bytes, *, max_segment_count: float = ...) -> None: ...
    def parse(
        self, chunk: bytes | bytearray
    ) -> Iterator[MultipartSegment | bytes | bytearray | None]: ...
    def close(self, check_complete: bool = True) -> None: ...

def parse_options_header(header: str) -> tuple[Any, Any]: ...
