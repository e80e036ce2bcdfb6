"""A stored picture on its way out, for everybody who knows its name."""

import re
from typing import Any

import msgspec
from litestar import Request, Response

from ticketing_server.core.errors import NotFound
from ticketing_server.core.media.file_response import FOREVER, file_response
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.pictures import EXTENSIONS

NAME = re.compile(r"(?:thumb_)?[\w-]{32}\.(png|jpg|gif|webp)", re.ASCII)
TYPES = {extension: kind for kind, extension in EXTENSIONS.items()}


class _StoredPicture(msgspec.Struct, frozen=True):
    path: str
    filename: str
    content_type: str
    size: int


async def picture_response(
    request: Request[Any, Any, Any], storage: Storage, folder: str, name: str
) -> Response[Any]:
    """Raises NotFound; also for a name that none of ours could be."""
    match = NAME.fullmatch(name)
    if match is None:
        raise NotFound
    path = f"{folder}/{name}"
    try:
        size = await storage.size(path)
    except FileNotFoundError:
        raise NotFound from None
    picture = _StoredPicture(path, name, TYPES[match[1]], size)
    return await file_response(request, storage, picture, FOREVER)
