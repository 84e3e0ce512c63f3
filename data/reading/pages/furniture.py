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


def _edges(page: Sequence[Line]) -> list[Line]:
    """The lines next to the top and to the bottom of a page, by where they stand."""
    lines = sorted((line for line in page if not line.table), key=lambda line: -line.base)
    return lines[:_EDGE] + lines[max(_EDGE, len(lines) - _EDGE) :]


def without_furniture(pages: Sequence[list[Line]]) -> tuple[list[list[Line]], list[str]]:
    """Pages without their headers, footers and page numbers; and the words of these, each once."""
    sizes = [line.size for page in pages for line in page if not line.table]
    title = _LARGER * median(sizes) if sizes else 0.0
    edges = [_edges(page) for page in pages]

    def comes_again(line: Line, number: int) -> bool:
        return any(
            abs(line.base - other.base) < _NEAR and _same_but_for_page(line.text, other.text, number + 1, apart)
            for apart in _PAGES
            if 0 <= number + apart < len(pages)
            for other in edges[number + apart]
        )

    result, texts = [], dict[str, str]()
    for number, page in enumerate(pages):
        gone = {id(line): line.text for line in edges[number] if line.size < title and comes_again(line, number)}
        texts = {_NUMBER.sub("#", text): text for text in gone.values()} | texts
        result.append([line for line in page if id(line) not in gone])
    return result, [text for text in texts.values() if any(character.isalpha() for character in text)]
