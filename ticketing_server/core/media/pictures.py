"""An uploaded picture is decoded, and drawn anew from its pixels alone (rulings 6.5).

Whatever else the file has carried (metadata, places, profiles, further frames, something behind
the end) stays behind; what cannot be decoded whole is refused.
"""

import secrets
import warnings
from io import BytesIO
from typing import Any

from anyio import CapacityLimiter, to_thread
from PIL import Image, ImageOps

from ticketing_server.core.errors import Unfit
from ticketing_server.core.media.file_types import HEAD_BYTES, type_of
from ticketing_server.core.media.files import Storage

SIDE = 64
MOST_PIXELS = 25_000_000
# One at a time in each server process: 25 megapixels take 200 MB meanwhile, as WebP 600 MB.
DECODERS = CapacityLimiter(1)

NO_PICTURE = "Upload a PNG, JPEG, GIF or WebP image."
TOO_MANY_PIXELS = f"The image has more than {MOST_PIXELS // 1_000_000} megapixels."
BROKEN = "Upload a valid image. The file you uploaded was either not an image or a corrupted image."
EMPTY = "The submitted file is empty."

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
HOW: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "optimize": True},
    "PNG": {"optimize": False},
    "WEBP": {"quality": 90, "method": 2},
}

# Pillow looks at the size that a header declares, before it decodes: it warns of more than this and
# refuses twice as much. Here the warning is a refusal too.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class UnfitPicture(Unfit):
    """The file is no picture that is taken."""


class Picture:
    """A picture and its thumbnail, decoded and not stored yet, and where they are to lie.

    No struct: nothing that a client writes in JSON becomes one.
    """

    def __init__(self, paths: tuple[str, str], redrawn: tuple[bytes, bytes]) -> None:
        self.path, self.thumbnail_path = self.paths = paths
        self._redrawn = redrawn

    async def store(self, storage: Storage) -> None:
        for path, data in zip(self.paths, self._redrawn, strict=True):
            async with storage.writer(path) as writer:
                await writer.write(data)
                await writer.keep()


def new_paths(folder: str, kind: str) -> tuple[str, str]:
    """Nobody guesses where a picture and its thumbnail lie."""
    secret = secrets.token_urlsafe(24)
    return f"{folder}/{secret}.{EXTENSIONS[kind]}", f"{folder}/thumbs/thumb_{secret}.png"


def kind_of(data: bytes) -> str:
    """By its first bytes, whatever it is called. Raises UnfitPicture."""
    if not data:
        raise UnfitPicture(EMPTY)
    kind = type_of(data[:HEAD_BYTES], None)
    if kind not in FORMATS:
        raise UnfitPicture(NO_PICTURE)
    return kind


async def redrawn(data: bytes) -> tuple[bytes, bytes]:
    """The picture and its thumbnail. Raises UnfitPicture."""
    return await to_thread.run_sync(_redraw, data, limiter=DECODERS)


def _redraw(data: bytes) -> tuple[bytes, bytes]:
    kind = FORMATS[kind_of(data)]
    try:
        with Image.open(BytesIO(data), formats=[kind]) as opened:
            image = _upright(opened)
            return _encoded(image, kind), _encoded(_thumbnail(image), "PNG")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UnfitPicture(TOO_MANY_PIXELS) from None
    except Exception as error:
        # Each decoder stumbles over broken files in its own way.
        raise UnfitPicture(BROKEN) from error


def _upright(image: Image.Image) -> Image.Image:
    """Decoded, turned as its EXIF says, in eight bits; without anything but pixels."""
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "CMYK":
        image = image.convert("RGB")
    image.info = {name: image.info[name] for name in image.info if name == "transparency"}
    return image


def _thumbnail(image: Image.Image) -> Image.Image:
    """The whole picture, in the middle of a transparent square."""
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode in ("1", "L") else "RGB"
    source = image if image.mode == mode else image.convert(mode)
    scale = min(SIDE / image.width, SIDE / image.height)
    width, height = (max(1, round(side * scale)) for side in image.size)
    small = source.resize((width, height), reducing_gap=3)
    square = Image.new("RGBA", (SIDE, SIDE))
    square.paste(small, ((SIDE - width) // 2, (SIDE - height) // 2))
    return square


def _encoded(image: Image.Image, kind: str) -> bytes:
    file = BytesIO()
    image.save(file, kind, **HOW.get(kind, {}))
    return file.getvalue()
