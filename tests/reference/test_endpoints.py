"""Every endpoint heading of the API reference, and every path that the rulings add, is routed.

`endpoints.txt` is a copy of those headings in their order, then the paths of the rulings.
"""

from pathlib import Path

import pytest

from tests.access.test_doors import DOORS

HEADINGS = Path(__file__).with_name("endpoints.txt").read_text().split("\n")[:-1]
ROUTED = {f"{method} {path.removeprefix('/api')}/" for _, method, path in DOORS}


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_of_the_reference_is_routed(heading):
    assert heading in ROUTED


def test_no_heading_is_there_twice():
    assert len(HEADINGS) == len(set(HEADINGS)) > 70
