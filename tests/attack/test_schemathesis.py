"""Schemathesis knows the API by its description alone, and tries to catch one of the two lying."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec
import pytest

from tests.attack.described import operations
from tests.attack.serving import served
from tests.conftest import make_app, token_of

PROGRAM = Path(sys.executable).with_name("schemathesis")
HERE = Path(__file__).parent
IS_LONG = "ATTACK_EXAMPLES" in os.environ
EXAMPLES = os.environ.get("ATTACK_EXAMPLES", "1")
# `coverage` tries every bound of every field: five thousand requests for each person.
PHASES = f"examples,{'coverage,' if IS_LONG else ''}fuzzing,stateful"
PEOPLE = ["alice", "adam", "mona", "uma"] + (["root", "stan", "nobody"] if IS_LONG else [])


class Counts(msgspec.Struct):
    """Of operations."""

    total: int
    tested: int


class Report(msgspec.Struct):
    """What schemathesis has done, as far as it is looked at here."""

    operations: Counts


@pytest.fixture
def app(tmp_path):
    return make_app(DATA_DIR=str(tmp_path / "data"))


@pytest.mark.parametrize("person", PEOPLE)
async def test_every_answer_is_as_described(app, world, tmp_path, person):
    report = tmp_path / "report.json"
    token = [] if person == "nobody" else ["-H", f"Authorization: Bearer {token_of(world, person)}"]

    async with served(app) as address:
        status, told = await run(
            *("run", f"{address}/api/openapi.json", *token, "--checks", "all"),
            *("--phases", PHASES, "--max-examples", EXAMPLES),
            *("--report", "json", "--report-json-path", str(report)),
        )

    assert status == 0, told
    done = msgspec.json.decode(report.read_bytes(), type=Report).operations
    assert done.tested == done.total == len(operations())


async def run(*arguments: str) -> tuple[int | None, str]:
    """Its exit status, and all that it says."""
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, "--no-color", "--config-file", HERE / "schemathesis.toml", *arguments),
        cwd=HERE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return process.returncode, told.decode()
