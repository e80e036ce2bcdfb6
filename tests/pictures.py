"""Pictures to upload, and what is wrong with some of them."""

import struct
import zlib
from io import BytesIO

from PIL import Image
from PIL.ExifTags import Base

RED, BLUE = (255, 0, 0), (0, 0, 255)
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def drawn(kind="PNG", size=(120, 60), mode="RGB", **how):
    """A picture of that size, its left half red, its right half blue."""
    image = Image.new(mode, size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return saved(image, kind, **how)


def saved(image, kind, **how):
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def opened(data):
    image = Image.open(BytesIO(data))
    image.load()
    return image


def telling():
    """A photograph that says where it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Artist] = "uma at home"
    return drawn("JPEG", exif=exif, comment=b"uma at home", quality=95)


def moving(kind):
    """First red, then blue."""
    first, second = Image.new("RGB", (40, 40), RED), Image.new("RGB", (40, 40), BLUE)
    return saved(first, kind, save_all=True, append_images=[second], duration=100)


def declaring(width, height):
    """A PNG of a few bytes whose header promises more."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
