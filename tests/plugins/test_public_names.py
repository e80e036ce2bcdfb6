"""The façade is the contract: its names are pinned, and our own widgets need nothing else."""

import ast
from pathlib import Path

import pytest

from ticketing_server import plugins

BUILTIN = Path(plugins.__file__).parent / "dashboard" / "builtin"

# Adding a name is a decision; taking one away is a new version of the contract.
VERSION_1 = """
API Action Actor Bar Conflict DB Donut Field Forbidden Health IS_CRITICAL IS_OPEN IS_OVERDUE
IS_UNASSIGNED IS_URGENT Id In Invalid Line List Name NotFound Out Parameters Patch Place Plugin
Project Role Scope Sql Stat Table Ticket TicketOut Widget atomic execute joined list_first
literal now project_in_path requires row rows scalar scalars signed_in today
"""
# What is told of companies is the server's own reading of rulings 6.6, told once for stats too; and
# what is kept to be read quickly is nobody else's affair.
OURS_ALONE = {
    "item_told",
    "told",
    "Category",
    "Person",
    "Reason",
    "MOST_NAMED",
    "Source",
    "Tally",
    "Limited",
    "column_counts",
    "dressed",
    "list_newest",
    "streams_of_tickets_visible_to",
    "tickets_of",
    "uncounted_tickets_of",
}


def test_the_names_of_version_1_are_all_there():
    assert set(plugins.__all__) == set(VERSION_1.split())
    assert {name for name in VERSION_1.split() if not hasattr(plugins, name)} == set()


@pytest.mark.parametrize("file", sorted(BUILTIN.glob("[a-z]*.py")), ids=lambda file: file.stem)
def test_our_own_widgets_are_made_of_public_names(file):
    imported = {
        alias.name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("ticketing_server")
        for alias in node.names
    }

    assert imported - OURS_ALONE <= set(plugins.__all__)
