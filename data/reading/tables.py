"""Tables as Markdown, cells that span several rows or columns repeated where they hold."""

from collections.abc import Sequence
from typing import NamedTuple

_REPEATED = 200  # characters; a longer cell that spans others stands once
_MOST_COLUMNS = 1000


class Cell(NamedTuple):
    text: str
    rows: int = 1
    columns: int = 1


def expanded(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """A rectangle of texts: each cell stands in every row and column that it spans.

    >>> expanded([[Cell("adult", 2), Cell("day")], [Cell("night")]])
    [['adult', 'day'], ['adult', 'night']]
    """
    grid: list[list[str]] = []
    hanging: dict[int, tuple[str, int]] = {}  # column -> text and for how many rows it still holds
    for cells in rows:
        row: list[str] = []
        waiting = list(reversed(cells))
        while (waiting or len(row) in hanging) and len(row) < _MOST_COLUMNS:
            if len(row) in hanging:
                text, left = hanging.pop(len(row))
                if left > 1:
                    hanging[len(row)] = (text, left - 1)
                row.append(text)
                continue
            cell = waiting.pop()
            again = cell.text if len(cell.text) <= _REPEATED else ""
            for number in range(min(max(cell.columns, 1), _MOST_COLUMNS - len(row))):
                if cell.rows > 1:
                    hanging[len(row)] = (again, cell.rows - 1)
                row.append(again if number else cell.text)
        grid.append(row)
    width = max(map(len, grid), default=0)
    return [row + [""] * (width - len(row)) for row in grid]


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of a table, the first as its head; rows and columns that are empty throughout are left out."""
    rows = [[" ".join(cell.split()).replace(" | ", "|") for cell in row] for row in rows]
    rows = [row for row in rows if any(row)]
    used = [
        number
        for number in range(max(map(len, rows), default=0))
        if any(row[number : number + 1] != [""] and len(row) > number for row in rows)
    ]
    lines = ["| " + " | ".join(row[number] if number < len(row) else "" for number in used) + " |" for row in rows]
    return "\n".join([*lines[:1], "|" + " --- |" * len(used), *lines[1:]]) if lines else ""


def flat_table(rows: Sequence[Sequence[str]]) -> str:
    """A table that stands in a cell of another, in one line."""
    return "; ".join(", ".join(cell for cell in row if cell) for row in rows if any(row))
