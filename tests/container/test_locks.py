"""The image installs what the locks say, and the locks say what pyproject.toml asks for."""

import re

import pytest

from tests.container.locks import asked_for, lock, locked

LOCKS = {"requirements.lock": False, "build.lock": True}


@pytest.mark.parametrize(("name", "to_build"), LOCKS.items())
def test_a_lock_answers_every_range_with_a_version_in_it(name, to_build):
    versions = locked(name)
    asked = asked_for(to_build=to_build)

    unanswered = {str(asked[package]) for package in asked.keys() - versions.keys()}
    outside = {
        f"{package}=={versions[package]}"
        for package in asked.keys() & versions.keys()
        if versions[package] not in asked[package].specifier
    }
    assert (unanswered, outside) == (set(), set()), "run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_knows_each_file_by_its_hash_and_names_no_host(name):
    packages = re.split(r"\n(?=\w)", lock(name).partition("\n\n")[2] or lock(name))
    pinned = [package for package in packages if "==" in package]

    assert len(pinned) == len(locked(name))
    assert all("--hash=sha256:" in package for package in pinned)
    assert "://" not in lock(name)
