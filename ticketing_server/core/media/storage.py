"""Which store the settings name."""

from pathlib import Path

from ticketing_server.core.media.bucket import Bucket
from ticketing_server.core.media.files import LocalDirectory, Storage


def open_storage(address: str | None, directory: Path) -> Storage:
    """The bucket at `s3://bucket/prefix`; without an address, the directory."""
    return LocalDirectory(directory) if address is None else Bucket(address)
