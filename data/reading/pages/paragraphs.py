"""Lines put together to paragraphs, over the ends of columns and pages too."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from data.reading.pages.hyphens import Hyphens
from data.reading.pages.layout import Line

_FULL = 0.75  # of the column's width: a line longer than this was broken by it
_APART = 1.35  # of the usual distance between lines: a new paragraph
_LARGER = 1.15  # of the usual size: a heading
_LONGEST_HEADING = 150
_ENDED = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*$")
_ITEM = re.compile(r"(?:[•●▪◦‣–*-]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s")


def _full(line: Line) -> bool:
    return line.x1 - line.left > _FULL * (line.right - line.left)


def _usual_distance(lines: Sequence[Line]) -> float:
    steps = [
        a.base - b.base for a, b in pairwise(lines) if not a.table and not b.table and 0 < a.base - b.base < 3 * a.size
    ]
    return median(steps) if steps else 0.0


def goes_on(first: Line, second: Line, distance: float) -> bool:
    """Whether the second line continues the paragraph of the first."""
    if first.table or second.table or _ITEM.match(second.text):
        return False
    if abs(first.size - second.size) > 0.1 * first.size:
        return False
    step = first.base - second.base
    same_column = 0 < step < 3 * first.size and abs(first.left - second.left) < first.size
    if same_column and distance and step > _APART * distance:
        return False
    if re.search(r"\w[-\xad]$", first.text) and second.text[:1].islower():
        return True
    if not same_column:  # over the end of a column or page
        return not _ENDED.search(first.text) and (second.text[:1].islower() or _full(first))
    indented = second.x0 > second.left + 0.8 * second.size and first.x0 < second.x0 - 0.5 * second.size
    return _full(first) and not (indented and _ENDED.search(first.text) and not _ITEM.match(first.text))


def to_markdown(pages: Sequence[Sequence[Line]]) -> str:
    """The text of a document: paragraphs, headings (larger than the rest), tables."""
    lines = [line for page in pages for line in page]
    sizes = [line.size for line in lines for _ in range(len(line.text) // 20 + 1) if not line.table]
    usual, distance = median(sizes) if sizes else 0.0, _usual_distance(lines)
    hyphens = Hyphens(line.text for line in lines)
    blocks: list[str] = []
    last: Line | None = None
    body: tuple[int, Line] | None = None  # the last block of running text, which notes and tables may interrupt
    for line in lines:
        at_size = not line.table and abs(line.size - usual) < 0.1 * usual
        if last is not None and goes_on(last, line, distance):
            blocks[-1] = hyphens.join(blocks[-1], line.text)
        elif body and at_size and _interrupts(last, usual) and goes_on(body[1], line, 0):
            blocks[body[0]] = hyphens.join(blocks[body[0]], line.text)
            body = (body[0], line)
            last = line
            continue
        else:
            heading = not line.table and line.size > _LARGER * usual and len(line.text) <= _LONGEST_HEADING
            close = last is not None and not heading and _close(last, line, distance)
            separator = "" if not blocks else "\n" if close else "\n\n"
            blocks.append(separator + (line.table or ("## " if heading else "") + line.text))
        last = line
        if at_size:
            body = (len(blocks) - 1, line)
    return "".join(blocks)


def _interrupts(line: Line | None, usual: float) -> bool:
    """Whether a line is a table or set smaller than running text, as footnotes are."""
    return line is not None and (bool(line.table) or line.size < 0.92 * usual)


def _close(first: Line, second: Line, distance: float) -> bool:
    """Whether two lines stand as close as lines of one paragraph do, such as those of an address or a list."""
    if first.table or second.table or abs(first.size - second.size) > 0.1 * first.size:
        return False
    return 0 < first.base - second.base <= _APART * distance
