"""The backup file: a zip of `manifest.json`, `tables/NAME.copy` and `media/PATH`.

It comes to be there whole or not at all, and is read through before anything is done with it.
"""

import os
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import msgspec

from .manifest import MEDIA, TABLES, Manifest, Refused, Table

MANIFEST = "manifest.json"
# A quarter of the time of the default level, and a file a third larger.
FASTEST = 1
# What Python's zipfile raises, here and there, on bytes that are not what they should be.
DAMAGE = (BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)


@contextmanager
def creating(path: Path) -> Generator[ZipFile]:
    """FILE.partial, readable by nobody else, and FILE once it is whole and on the disk."""
    if path.exists():
        raise Refused(f"{path} is there already: it is not overwritten.")
    partial = path.with_name(f"{path.name}.partial")
    with _created(partial) as file:
        try:
            with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=FASTEST) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    partial.rename(path)
    _sync(path.absolute().parent)


@contextmanager
def opened(path: Path) -> Generator[tuple[ZipFile, Manifest]]:
    """The file and what it says of itself; every byte has been compared with its checksum."""
    try:
        archive = ZipFile(path)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}.") from None
    except DAMAGE:
        raise Refused(f"{path} is not a backup, or was cut off.") from None
    with archive:
        manifest = _manifest(path, archive)
        if damaged := _damage(archive, manifest):
            raise Refused(f"{path} is damaged: {damaged} cannot be read.")
        yield archive, manifest


def new_table(archive: ZipFile, table: Table) -> IO[bytes]:
    return archive.open(table.member, "w", force_zip64=True)


def new_file(archive: ZipFile, path: str) -> IO[bytes]:
    """Not compressed: pictures and documents mostly are already."""
    return archive.open(ZipInfo(MEDIA + path), "w", force_zip64=True)


def files_in(archive: ZipFile) -> dict[str, ZipInfo]:
    """The members that are uploaded files, by their paths."""
    return {
        member.filename.removeprefix(MEDIA): member
        for member in archive.infolist()
        if member.filename.startswith(MEDIA)
    }


def write_manifest(archive: ZipFile, manifest: Manifest) -> None:
    archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))


@contextmanager
def _created(partial: Path) -> Generator[IO[bytes]]:
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        reason = "another backup writes it, or one was killed; then remove it"
        raise Refused(f"{partial} is there already: {reason}.") from None
    except OSError as error:
        raise Refused(f"{partial} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "wb") as file:
        yield file


def _manifest(path: Path, archive: ZipFile) -> Manifest:
    try:
        return msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except KeyError:
        raise Refused(f"{path} is a zip file, but not a backup.") from None
    except msgspec.DecodeError:
        raise Refused(f"{path} is not a backup that this version can read.") from None
    except DAMAGE:
        raise Refused(f"{path} is damaged: {MANIFEST} cannot be read.") from None


def _damage(archive: ZipFile, manifest: Manifest) -> str | None:
    """The first part that is not as it was written; None when all are."""
    if not _is_complete(archive, manifest):
        return "a part"
    try:
        return archive.testzip()
    except DAMAGE:
        return "a part"


def _is_complete(archive: ZipFile, manifest: Manifest) -> bool:
    tables = {name for name in archive.namelist() if name.startswith(TABLES)}
    named = {table.member for table in manifest.tables}
    return tables == named and len(files_in(archive)) == manifest.files


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
