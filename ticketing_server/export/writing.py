"""Writes the file row by row: how long it becomes does not matter."""

import os
import textwrap
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from ticketing_server.core.clock import now
from ticketing_server.core.db import DB

from .finding import ExportRefused, find_account
from .sections import ACCOUNT, SECTIONS

# A description may have a megabyte: that many rows are held at a time.
ROWS_AT_A_TIME = 20
UNHURRIED = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"


async def export_user(named: str, out: BinaryIO) -> None:
    """One moment of the database, as JSON in UTF-8. Raises ExportRefused before it writes."""
    connection: Any = await DB.get_new_connection()
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(UNHURRIED)
            account = await find_account(connection, named)
            await _write(connection, account, out)
    finally:
        await connection.close()


@contextmanager
def new_file(path: Path) -> Generator[BinaryIO]:
    """For its owner's eyes only, and gone when it cannot be finished. Raises ExportRefused."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ExportRefused(f"{path} is there already: it is not overwritten.") from None
    with os.fdopen(opened, "wb") as file:
        try:
            yield file
        except BaseException:
            path.unlink()
            raise


async def _write(connection: Any, account: int, out: BinaryIO) -> None:
    out.write(b'{\n  "exported_at": ' + msgspec.json.encode(now()))
    async for own in _objects(connection, ACCOUNT, account):
        out.write(f',\n  "account": {_indented(own, 2)}'.encode())
    for name, statement in SECTIONS.items():
        out.write(f',\n  "{name}": ['.encode())
        before = "\n"
        async for own in _objects(connection, statement, account):
            out.write(f"{before}    {_indented(own, 4)}".encode())
            before = ",\n"
        out.write(b"]" if before == "\n" else b"\n  ]")
    out.write(b"\n}\n")


async def _objects(connection: Any, statement: str, account: int) -> AsyncGenerator[str]:
    as_json = f"SELECT to_json(own)::text FROM ({statement}) AS own"
    async for row in connection.cursor(as_json, account, prefetch=ROWS_AT_A_TIME):
        yield row[0]


def _indented(json: str, depth: int) -> str:
    """Below its first line."""
    return textwrap.indent(msgspec.json.format(json, indent=2), " " * depth).lstrip()
