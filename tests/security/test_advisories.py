"""No version with a known fault is asked for, locked into the image, or installed here."""

import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from msgspec import Struct, convert
from packaging.requirements import Requirement
from packaging.version import Version

from tests.container.locks import asked_for, locked


class Advisory(Struct, forbid_unknown_fields=True):
    """`fixed` is the first version without the fault."""

    library: str
    fixed: str
    id: str
    why: str


FILE = Path(__file__).with_name("advisories.toml")
ADVISORIES = convert(tomllib.loads(FILE.read_text(encoding="utf-8"))["advisory"], list[Advisory])


def lowest(requirement: Requirement) -> Version:
    """The oldest version that the range lets in."""
    bounds = [Version(given.version) for given in requirement.specifier if given.operator == ">="]
    return max(bounds, default=Version("0"))


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda advisory: advisory.id)
def test_no_version_with_the_fault_comes_into_use(advisory):
    fixed = Version(advisory.fixed)

    assert locked("requirements.lock")[advisory.library] >= fixed
    assert Version(version(advisory.library)) >= fixed
    if requirement := asked_for().get(advisory.library):
        assert lowest(requirement) >= fixed, f"{requirement} lets {advisory.id} in"
