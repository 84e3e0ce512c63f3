"""The reading order of a page: columns one after the other, rows of a table together, everything else line by line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from data.reading.pages.pieces import Segment, lines_of, segment
from data.reading.tables import markdown_table

_COLUMN_CHARACTERS = 18  # of a usual line in a column of text; shorter ones are cells
_COLUMN_LINES = 4
_MARKER = re.compile(r"[•●▪◦‣–*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]|\d{1,2}")
_FILLED = 0.6  # of the cells of a table
_CROSSING = 0.2  # of the lines may run over both columns: headings, headers


@dataclass(frozen=True)
class Line:
    """One line of running text, with the borders of its column; or a whole table (Markdown) that stands there."""

    text: str
    x0: float
    x1: float
    base: float
    size: float
    left: float
    right: float
    table: str = ""


def _gutter(parts: Sequence[Segment]) -> float | None:
    """Where the white space between two columns of text lies, None if there is none."""
    left, right = min(part.x0 for part in parts), max(part.x1 for part in parts)
    best: tuple[int, float] | None = None
    for x in sorted({part.x0 for part in parts}):
        if not left + 0.2 * (right - left) < x < left + 0.8 * (right - left):
            continue
        here = x - 1
        crossing = sum(part.x0 < here < part.x1 for part in parts)
        if best is None or crossing < best[0]:
            best = (crossing, here)
    if best is None or best[0] > _CROSSING * len(parts):
        return None
    sides = [[p for p in parts if p.x1 <= best[1]], [p for p in parts if p.x0 >= best[1]]]
    if any(len(side) < _COLUMN_LINES or median(len(p.text) for p in side) < _COLUMN_CHARACTERS for side in sides):
        return None
    tops, bottoms = [max(p.base for p in side) for side in sides], [min(p.base for p in side) for side in sides]
    together = min(tops) - max(bottoms)
    return best[1] if together > 0.5 * min(tops[0] - bottoms[0], tops[1] - bottoms[1]) else None


def columns(parts: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Regions of a page in the order in which they are read, each with the segments of one column."""
    gutter = _gutter(parts) if len(parts) > 2 * _COLUMN_LINES else None
    if gutter is None:
        yield list(parts)
        return
    band: list[Segment] = []
    for part in [*sorted(parts, key=lambda part: -part.base), None]:
        if part is not None and not part.x0 < gutter < part.x1:
            band.append(part)
            continue
        yield from (side for side in _sides(band, gutter))
        band = []
        if part is not None:
            yield [part]


def _sides(band: Sequence[Segment], gutter: float) -> Iterator[list[Segment]]:
    for side in ([p for p in band if p.x1 <= gutter + 1], [p for p in band if p.x1 > gutter + 1]):
        if side:
            yield from columns(side)


def _intervals(rows: Sequence[Sequence[Segment]]) -> list[tuple[float, float]]:
    """Columns of a table: what its cells cover from left to right."""
    merged: list[tuple[float, float]] = []
    for x0, x1 in sorted((part.x0, part.x1) for row in rows for part in row):
        if merged and x0 < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(x1, merged[-1][1]))
        else:
            merged.append((x0, x1))
    return merged


def aligned_rows(rows: Sequence[Sequence[Segment]]) -> list[list[str]] | None:
    """The cells of lines that form a table by their alignment alone; None if they form none."""
    if len(rows) < 2 or (len(rows) == 2 and min(map(len, rows)) < 3):
        return None
    intervals = _intervals(rows)
    if not 2 <= len(intervals) <= 2 * max(map(len, rows)):
        return None
    table = []
    for row in rows:
        cells = [""] * len(intervals)
        for part in row:
            place = next(n for n, (x0, x1) in enumerate(intervals) if x0 <= part.x0 <= x1)
            cells[place] = f"{cells[place]} {part.text}".strip()
        table.append(cells)
    filled = sum(bool(cell) for cells in table for cell in cells)
    return table if filled >= _FILLED * len(table) * len(intervals) else None


def _fits(rows: Sequence[Sequence[Segment]], row: Sequence[Segment]) -> bool:
    """Whether a row can belong to the table of the rows above it."""
    if not rows:
        return True
    near = rows[-1][0].base - row[0].base < 4 * row[0].size
    return near and (len(rows) < 2 or len(_intervals([*rows, row])) >= len(_intervals(rows)))


def _cell_above(row: Sequence[Segment], part: Segment) -> int:
    """The number of the cell, not the first, under which a line stands alone as its second line; 0: none."""
    near = 0 < row[0].base - part.base < 4 * part.size
    return next((n for n, cell in enumerate(row) if n and near and abs(cell.x0 - part.x0) < 2), 0)


def _longer(cell: Segment, part: Segment) -> Segment:
    space = part.characters[0]._replace(text=" ")
    return replace(cell, characters=(*cell.characters, space, *part.characters), x1=max(cell.x1, part.x1))


def _with_marker(row: list[Segment]) -> list[Segment]:
    """A list's marker joined with its item, which stands apart from it like a cell."""
    if len(row) != 2 or not _MARKER.fullmatch(row[0].text):
        return row
    marker = row[0].characters[0]._replace(text=f"{row[0].text} ", size=row[1].size, y0=row[1].base)
    return [segment((marker, *row[1].characters))]


def _region_lines(region: Sequence[Segment]) -> list[Line]:
    left, right = min(part.x0 for part in region), max(part.x1 for part in region)
    result: list[Line] = []
    rows: list[list[Segment]] = []  # with several segments each, one below the other
    for row in [*map(_with_marker, lines_of(region)), []]:
        if len(row) > 1 and _fits(rows, row):
            rows.append(row)
            continue
        if len(row) == 1 and rows and (number := _cell_above(rows[-1], row[0])):
            rows[-1][number] = _longer(rows[-1][number], row[0])
            continue
        cells = aligned_rows(rows)
        if cells is not None:
            first = rows[0][0]
            result.append(Line("", left, right, first.base, first.size, left, right, markdown_table(cells)))
        else:
            result += [_line(each, left, right) for each in rows]
        rows = [row] if len(row) > 1 else []
        if len(row) == 1:
            result.append(_line(row, left, right))
    return result


def read_lines(parts: Sequence[Segment], tables: Sequence[Line] = ()) -> list[Line]:
    """Lines of one page in reading order; `tables` are those whose rules were found, put where they stand."""
    result = [line for region in columns(parts) for line in _region_lines(region)] if parts else []
    for table in tables:
        below = (n for n, line in enumerate(result) if line.base < table.base and _beside(line, table))
        result.insert(next(below, len(result)), table)
    return result


def _line(row: Sequence[Segment], left: float, right: float) -> Line:
    text = "  ".join(part.text for part in row)
    widest = max(row, key=lambda part: part.x1 - part.x0)
    return Line(text, row[0].x0, row[-1].x1, widest.base, widest.size, left, right)


def _beside(line: Line, table: Line) -> bool:
    return line.left < table.right and line.right > table.left
