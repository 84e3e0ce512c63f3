"""Tables whose cells are drawn with rules: pdfplumber finds the cells, the page's characters fill them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from data.reading.pages.layout import Line
from data.reading.pages.pieces import Segment, lines_of
from data.reading.tables import markdown_table

Box = tuple[float, float, float, float]  # left, bottom, right, top


def _inside(part: Segment, box: Box) -> bool:
    x, y = (part.x0 + part.x1) / 2, part.base + 0.3 * part.size
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _text(parts: Sequence[Segment], box: Box) -> str:
    lines = (" ".join(part.text for part in line) for line in lines_of([p for p in parts if _inside(p, box)]))
    return " ".join(lines)


def _boxes(table: Any, height: float) -> list[Box]:
    return [(x0, height - bottom, x1, height - top) for x0, top, x1, bottom in table.cells]


def _grid(boxes: Sequence[Box], parts: Sequence[Segment]) -> list[list[str]]:
    """Rows of cells; a cell that spans others stands in each place that it covers."""
    xs = _borders([value for box in boxes for value in (box[0], box[2])])
    ys = _borders([value for box in boxes for value in (box[1], box[3])])[::-1]
    texts = {box: _text(parts, box) for box in boxes}
    rows = []
    for top, bottom in pairwise(ys):
        row = []
        for left, right in pairwise(xs):
            x, y = (left + right) / 2, (top + bottom) / 2
            row.append(next((texts[b] for b in boxes if b[0] <= x <= b[2] and b[1] <= y <= b[3]), ""))
        rows.append(row)
    return rows


def _borders(values: Sequence[float]) -> list[float]:
    """Values that differ by more than 2 points, in order."""
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > 2:
            result.append(value)
    return result


def ruled_tables(page: Any, parts: Sequence[Segment]) -> tuple[list[Line], list[Segment]]:
    """The tables of a page (of pdfplumber), each as a line, and the segments that stand in none of them."""
    found: list[Line] = []
    for table in page.find_tables():
        boxes = _boxes(table, float(page.height))
        rows = _grid(boxes, parts)
        filled = sum(bool(cell) for row in rows for cell in row)
        if len(rows) < 2 or max(map(len, rows)) < 2 or filled < 3:
            continue
        left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, top = max(box[2] for box in boxes), max(box[3] for box in boxes)
        found.append(Line("", left, right, top, 0.0, left, right, markdown_table(rows)))
        parts = [part for part in parts if not _inside(part, (left, bottom, right, top))]
    return found, list(parts)
