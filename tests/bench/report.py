"""Tables in Markdown, printed row by row: an interrupted run has told what it found."""

from collections.abc import Iterable


class Table:
    def __init__(self, title: str, headings: Iterable[str]) -> None:
        self._headings = tuple(headings)
        print(f"\n## {title}\n\n| {' | '.join(self._headings)} |")
        print("|" + " --- |" * len(self._headings), flush=True)

    def row(self, *cells: object) -> None:
        print(f"| {' | '.join(map(_written, cells))} |", flush=True)


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    return str(value)
