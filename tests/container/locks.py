"""What pyproject.toml asks for, and what the locks of the image answer."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

CHECKOUT = Path(__file__).parents[2]
PINNED = re.compile(r"^([\w.-]+)==([\w.!+-]+)", re.MULTILINE)


def lock(name: str) -> str:
    return (CHECKOUT / "deploy" / name).read_text(encoding="utf-8")


def locked(name: str) -> dict[str, Version]:
    """The version of each package in that lock."""
    found = PINNED.findall(lock(name))
    return {canonicalize_name(package): Version(pinned) for package, pinned in found}


def asked_for(*, to_build: bool = False) -> dict[str, Requirement]:
    """The ranges of the server's own dependencies, or of what builds its wheel."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    section = (
        project["build-system"]["requires"] if to_build else project["project"]["dependencies"]
    )
    requirements = map(Requirement, section)
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}
