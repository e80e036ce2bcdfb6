"""What a plugin's modules import from this server: the façade, and nothing else."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

FACADE = "ticketing_server.plugins"


def foreign_imports(package: str) -> list[str]:
    """`file:line: name` for each import that goes behind the façade."""
    return [
        f"{file.name}:{line}: {name}"
        for file in _files(package)
        for line, name in _imports(file)
        if name.partition(".")[0] == "ticketing_server" and name != FACADE
    ]


def _files(package: str) -> list[Path]:
    spec = find_spec(package)
    if spec is None:
        return []
    if spec.submodule_search_locations is None:
        return [Path(spec.origin)] if spec.origin else []
    folders = [Path(folder) for folder in spec.submodule_search_locations]
    return sorted(file for folder in folders for file in folder.rglob("*.py"))


def _imports(file: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
