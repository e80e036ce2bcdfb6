"""Which store the settings name."""

from pathlib import Path

from ticketing_server.core.files import LocalDirectory, Storage


def open_storage(address: str | None, directory: Path) -> Storage:
    """The bucket at `s3://bucket/prefix`; without an address, the directory."""
    if address is None:
        return LocalDirectory(directory)
    # Loaded by those who need it: most servers keep their files in a directory.
    from ticketing_server.core.bucket import Bucket

    return Bucket(address)
