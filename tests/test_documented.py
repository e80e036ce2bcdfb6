"""What exists is documented, and what is documented exists."""

import re
from pathlib import Path

import pytest

from ticketing_server.settings import Settings

ROOT = Path(__file__).parents[1]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
THREATS = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
CLI = (ROOT / "ticketing_server" / "cli.py").read_text(encoding="utf-8")


def test_every_setting_is_documented_and_every_documented_one_exists():
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", SETTINGS, flags=re.MULTILINE))

    assert documented == {name.upper() for name in Settings.__struct_fields__}


@pytest.mark.parametrize("command", re.findall(r'command\("([\w-]+)"', CLI))
def test_every_command_is_documented(command):
    assert f"`ticketing-server {command}" in OPERATING


def test_every_answer_to_a_threat_names_what_is_there():
    named = set(re.findall(r"`((?:[a-z_]+/)*(?:[a-z_]+\.py)?)`", THREATS)) - {""}
    rooms = (ROOT / "ticketing_server", ROOT / "tests", ROOT)

    assert len(named) > 20
    assert [path for path in named if not any((room / path).exists() for room in rooms)] == []


@pytest.mark.parametrize(("path", "name"), re.findall(r"`([\w/]+\.py)::(\w+)`", THREATS))
def test_every_test_that_holds_an_answer_exists(path, name):
    assert f"def {name}(" in (ROOT / "tests" / path).read_text(encoding="utf-8")
