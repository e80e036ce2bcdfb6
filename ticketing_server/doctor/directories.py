"""Directories that the server writes to, and room in them."""

import asyncio
import os
import shutil
from pathlib import Path

from ticketing_server.core.media.bucket import Bucket
from ticketing_server.settings import Settings

from .finding import Finding

MEBIBYTE = 1024 * 1024
LITTLE, TOO_LITTLE = 2048 * MEBIBYTE, 200 * MEBIBYTE


def data(settings: Settings) -> Finding:
    return _directory("data directory", settings.data_dir, "`serve` makes it")


def media(settings: Settings) -> Finding:
    if settings.media_url is None:
        return _directory("media directory", settings.media_directory, "the first upload makes it")
    try:
        asyncio.run(Bucket(settings.media_url).check())
    except OSError as error:
        advice = "Check MEDIA_URL and AWS_…: endpoint, region, keys, and what they may do there."
        return Finding.fatal("media bucket", f"{settings.media_url}: {error}", advice)
    return Finding("media bucket", settings.media_url)


def space(settings: Settings) -> Finding:
    there = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(there).free
    found = f"{free // MEBIBYTE:,} MiB free in {settings.data_dir}"
    advice = "Make room: uploads and the embedded database stop when the disk is full."
    if free < TOO_LITTLE:
        return Finding.fatal("disk", found, advice)
    if free < LITTLE:
        return Finding.warning("disk", found, advice)
    return Finding("disk", found)


def _directory(what: str, path: Path, made_by: str) -> Finding:
    if not path.exists():
        return Finding(what, f"{path} is not there yet: {made_by}")
    if not path.is_dir() or not os.access(path, os.W_OK | os.X_OK):
        advice = "Give the directory to the user that runs the server, or set DATA_DIR."
        return Finding.fatal(what, f"{path} cannot be written", advice)
    return Finding(what, str(path))
