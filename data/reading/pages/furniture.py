"""Headers, footers and page numbers: lines at the edge of a page that come again on the pages beside it."""

import re
from collections.abc import Sequence
from statistics import median

from data.reading.pages.layout import Line

_EDGE = 3  # lines at the top and at the bottom
_NEAR = 4.0  # points: they stand at the same height
_LARGER = 1.15  # of the usual size: a title, though it comes with a number on every page
_ROMAN = re.compile(r"^[ivxlc]{1,7}$", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:page|seite|p\.|pag\.?|página|pagina|strona)?\W*#(?:\s*(?:of|von|de|di|van|z|/)\s*#)?[\W_]*",
    re.IGNORECASE,
)


def _masked(text: str) -> str:
    return re.sub(r"\d+", "#", _ROMAN.sub("#", text.strip()))


def _edges(page: Sequence[Line]) -> list[Line]:
    """The lines next to the top and to the bottom of a page, by where they stand."""
    lines = sorted((line for line in page if not line.table), key=lambda line: -line.base)
    return lines[:_EDGE] + lines[max(_EDGE, len(lines) - _EDGE) :]


def without_furniture(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """Pages without their headers, footers and page numbers."""
    sizes = [line.size for page in pages for line in page if not line.table]
    title = _LARGER * median(sizes) if sizes else 0.0
    edges = [[(line, _masked(line.text)) for line in _edges(page)] for page in pages]
    result = []
    for number, page in enumerate(pages):
        beside = [pair for near in (-2, -1, 1, 2) if 0 <= number + near < len(pages) for pair in edges[number + near]]
        gone = {id(line) for line, masked in edges[number] if line.size < title and _comes_again(line, masked, beside)}
        result.append([line for line in page if id(line) not in gone])
    return result


def _comes_again(line: Line, masked: str, beside: Sequence[tuple[Line, str]]) -> bool:
    """Whether a line stands on a page beside, too, or is the number of the page."""
    again = any(masked == other and abs(line.base - at.base) < _NEAR for at, other in beside)
    return again or bool(beside and _PAGE_NUMBER.fullmatch(masked))
