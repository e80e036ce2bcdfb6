"""The backup file: a zip of `manifest.json`, `tables/NAME.copy` and `media/PATH`.

It comes to be there whole or not at all, and is read through before anything is done with it.
"""

import datetime as dt
import os
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import msgspec

from ticketing_server import __version__

FORMAT = 1
MANIFEST, TABLES, MEDIA = "manifest.json", "tables/", "media/"
# Level 1 is three times as fast as the default, and the file is an eighth larger.
FASTEST = 1
# What Python's zipfile raises, here and there, on bytes that are not what they should be.
DAMAGE = (BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError)


class Refused(Exception):
    """One line: why there is no backup, or why nothing was restored."""


class Table(msgspec.Struct):
    """A table's part of the file. `last_ids` are what its sequences gave out last, by column."""

    name: str
    schema: str | None
    columns: list[str] = []
    last_ids: dict[str, int] = {}
    rows: int = 0

    @property
    def identifier(self) -> str:
        """As SQL names it."""
        return ".".join(f'"{part}"' for part in self._parts)

    @property
    def member(self) -> str:
        return f"{TABLES}{'.'.join(self._parts)}.copy"

    @property
    def _parts(self) -> list[str]:
        return [self.schema, self.name] if self.schema else [self.name]


class Manifest(msgspec.Struct):
    """What the file holds. `migrations` are those that its tables have seen, by Piccolo app."""

    made_at: dt.datetime
    postgres: str
    migrations: dict[str, list[str]]
    tables: list[Table]
    files: int = 0
    made_by: str = __version__
    format: int = FORMAT

    def __str__(self) -> str:
        rows = sum(table.rows for table in self.tables)
        return f"{rows:,} rows of {len(self.tables)} tables and {self.files:,} files"


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
        yield archive, _checked(path, archive)


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


def _checked(path: Path, archive: ZipFile) -> Manifest:
    try:
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
        damaged = archive.testzip()
    except KeyError:
        raise Refused(f"{path} is a zip file, but not a backup.") from None
    except msgspec.DecodeError:
        raise Refused(f"{path} is not a backup that this version can read.") from None
    except DAMAGE:
        damaged = "a part of it"
    if damaged or not _is_complete(archive, manifest):
        raise Refused(f"{path} is damaged: {damaged or 'parts of it'} cannot be read.")
    return manifest


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
