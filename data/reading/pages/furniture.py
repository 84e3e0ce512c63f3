"""Headers, footers and page numbers: lines at the edge of a page that come again on the pages beside it."""

import re
from collections.abc import Sequence
from statistics import median

from data.reading.pages.layout import Line

_EDGE = 3  # lines at the top and at the bottom
_NEAR = 4.0  # points: they stand at the same height
_PAGES = (-2, -1, 1, 2)  # left and right pages may have headers of their own
_LARGER = 1.15  # of the usual size: a title, though it comes with a number on every page
_OFFSET = 30  # pages that are counted before the first, or left out
_ROMAN = re.compile(r"^[ivxlc]{1,7}$", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


def _same_but_for_page(text: str, other: str, page: int, apart: int) -> bool:
    """Whether two lines say the same; a number may count the pages, any other must be equal.

    >>> _same_but_for_page("Page 3 of 9", "Page 4 of 9", 3, 1), _same_but_for_page("Total: 45", "Total: 46.5", 3, 1)
    (True, False)
    """
    if text == other or (_ROMAN.match(text) and _ROMAN.match(other)):
        return True
    if _NUMBER.sub("#", text) != _NUMBER.sub("#", other):
        return False
    alone = not any(character.isalpha() for character in text)
    pairs = [(int(a), int(b)) for a, b in zip(_NUMBER.findall(text), _NUMBER.findall(other), strict=True) if a != b]
    return all(b - a == apart and (alone or abs(a - page) <= _OFFSET) for a, b in pairs)


def _edges(page: Sequence[Line]) -> list[list[Line]]:
    """The lines next to the top and those next to the bottom of a page, each from outside to inside."""
    lines = sorted((line for line in page if not line.table), key=lambda line: -line.base)
    top, bottom = min(_EDGE, (len(lines) + 1) // 2), min(_EDGE, len(lines) // 2)
    return [lines[:top], lines[::-1][:bottom]]


def _times(line: Line, number: int, edges: Sequence[list[list[Line]]]) -> int:
    """On how many of the pages beside its own a line comes again."""
    return sum(
        any(
            abs(line.base - other.base) < _NEAR and _same_but_for_page(line.text, other.text, number + 1, apart)
            for edge in edges[number + apart]
            for other in edge
        )
        for apart in _PAGES
        if 0 <= number + apart < len(edges)
    )


def without_furniture(pages: Sequence[list[Line]]) -> tuple[list[list[Line]], list[str]]:
    """Pages without their headers, footers and page numbers; and the words of these, each once.

    From the edge inwards, up to the first line that does not come again; one further in has to come again twice, as a
    line of the text may stand at the same height on two pages by chance.
    """
    sizes = [line.size for page in pages for line in page if not line.table]
    title = _LARGER * median(sizes) if sizes else 0.0
    edges = [_edges(page) for page in pages]
    result, texts = [], dict[str, str]()
    for number, page in enumerate(pages):
        gone: set[int] = set()
        for edge in edges[number]:
            for place, line in enumerate(edge):
                enough = 1 if place == 0 or len(pages) < 4 else 2
                if line.size >= title or _times(line, number, edges) < enough:
                    break
                gone.add(id(line))
                texts.setdefault(_NUMBER.sub("#", line.text), line.text)
        result.append([line for line in page if id(line) not in gone])
    return result, [text for text in texts.values() if any(character.isalpha() for character in text)]
