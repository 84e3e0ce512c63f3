"""PDF: characters from pdfium, put in reading order; scanned pages through OCR where it is installed."""

import ctypes
import io
import itertools
import math
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from data.reading import ocr
from data.reading.pages.furniture import without_furniture
from data.reading.pages.layout import Line, read_lines
from data.reading.pages.paragraphs import to_markdown
from data.reading.pages.pieces import Character, Segment, same_word, segments
from data.reading.pages.ruled_tables import ruled_tables
from data.reading.result import Reading

_MOST_PAGES = 5_000
_LEAST_PATHS = 4  # drawn lines on a page; fewer make no table
_MOST_RULED = 300  # pages that are searched for ruled tables, which takes a fifth of a second each
_LEAST_LETTERS = 3  # of a page with text; fewer are a stamp on a scan


def _characters(text_page: Any) -> Iterator[Character | None]:
    """Characters in the order of the file; None where a word ends."""
    from pypdfium2 import raw

    boxes, matrix = [ctypes.c_double() for _ in range(4)], raw.FS_MATRIX()
    for index in range(raw.FPDFText_CountChars(text_page)):
        code = raw.FPDFText_GetUnicode(text_page, index)
        sign = "-" if code == 2 else chr(code) if code <= 0x10FFFF else ""  # 2: a hyphen at a line's end
        if code == 0 or sign.isspace() or not sign:
            yield None
            continue
        left, right, bottom, top = boxes
        raw.FPDFText_GetCharBox(text_page, index, *(ctypes.byref(box) for box in (left, right, bottom, top)))
        raw.FPDFText_GetMatrix(text_page, index, ctypes.byref(matrix))  # many files scale a font of size 1
        size = max(1.0, raw.FPDFText_GetFontSize(text_page, index) * math.hypot(matrix.c, matrix.d))
        yield Character(sign, left.value, bottom.value, right.value, top.value, size)


def _words(text_page: Any) -> Iterator[list[Character]]:
    word: list[Character] = []
    for character in itertools.chain(_characters(text_page), (None,)):
        if character is not None and (not word or same_word(word[-1], character)):
            word.append(character)
            continue
        if word:
            yield word
        word = [character] if character is not None else []


def _paths(page: Any) -> int:
    from pypdfium2 import raw

    return sum(
        1 for _ in itertools.islice(page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH,), max_depth=3), _LEAST_PATHS)
    )


def _segments(page: Any) -> list[Segment]:
    text_page = page.get_textpage()
    with closing(text_page):
        width, height = page.get_size()
        words = [word for word in _words(text_page) if -5 < word[0].x0 < width + 5 and -5 < word[0].y0 < height + 5]
        return segments(words)


def _page_lines(page: Any, number: int, plumber: Any) -> list[Line]:
    parts, tables = _segments(page), list[Line]()
    if plumber is not None and not page.get_rotation() and parts and _paths(page) >= _LEAST_PATHS:
        tables, parts = ruled_tables(plumber.pages[number], parts)
        plumber.pages[number].close()
    return read_lines(parts, tables)


def _named(pages: list[int]) -> str:
    """
    >>> [_named([0]), _named([1, 4])]
    ['page 1', 'pages 2, 5']
    """
    numbers = ", ".join(str(number + 1) for number in pages[:10]) + (" …" if len(pages) > 10 else "")
    return f"page{'s' if len(pages) > 1 else ''} {numbers}"


def _ocr_notes(scans: list[int], left: list[int]) -> list[str]:
    if not scans:
        return []
    if not ocr.languages():
        return [f"left out: {_named(scans)}, scanned without text; {ocr.HOW_TO_INSTALL}, or run OCR on the file first"]
    notes = [f"{_named(scans)}: scanned; the text is what tesseract recognised ({ocr.languages()}), check it"]
    return notes + ([f"left out: {_named(left)}, for which OCR takes too long; split the file"] if left else [])


def _open(raw: bytes) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ValueError("it is encrypted; save it without a password") from error
        raise ValueError(f"it cannot be read as PDF ({error})") from error
    if len(document) > _MOST_PAGES:
        raise ValueError(f"it has {len(document):,} pages, at most {_MOST_PAGES:,} are read; split it")
    return document


def read(raw: bytes) -> Reading:
    """A .pdf file.

    Raises:
        ValueError: it is encrypted or damaged, or holds pictures only and there is no OCR.
    """
    import pdfplumber
    import pypdfium2

    document, notes, plumber = _open(raw), list[str](), None
    try:
        plumber = pdfplumber.open(io.BytesIO(raw))
        plumber = plumber if len(plumber.pages) == len(document) <= _MOST_RULED else None
    except Exception:  # it reads fewer damaged files than pdfium; these then come without their ruled tables
        plumber = None
    if len(document) > _MOST_RULED:
        notes.append(
            f"it has more than {_MOST_RULED} pages: its tables are told by their alignment, not by their rules"
        )
    pages: list[list[Line]] = []
    damaged: list[int] = []
    for number in range(len(document)):
        try:
            pages.append(_page_lines(document[number], number, plumber))
        except pypdfium2.PdfiumError:
            pages.append([])
            damaged.append(number)
    if damaged:
        notes.append(f"left out: {_named(damaged)}, damaged")
    scans = [n for n, page in enumerate(pages) if sum(len(line.text + line.table) for line in page) < _LEAST_LETTERS]
    scans = [n for n in scans if n not in damaged and _has_pictures(document[n])]
    texts, left = ocr.read_pages(document, scans) if scans and ocr.languages() else ({}, [])
    notes += _ocr_notes(scans, left)
    for number, text in texts.items():
        pages[number] = list(_recognised_lines(text))
    pages, furniture = without_furniture(pages)
    if furniture:
        shown = "; ".join(text[:80] for text in furniture[:4]) + (" …" if len(furniture) > 4 else "")
        notes.append(f"headers and footers that come on several pages were taken out: {shown}")
    return Reading(to_markdown(pages), "", tuple(notes))


def _has_pictures(page: Any) -> bool:
    return any(True for _ in page.get_objects(max_depth=3))


def _recognised_lines(text: str) -> Iterator[Line]:
    """Lines of OCR; blank ones part paragraphs."""
    height, widest = 10_000.0, max(map(len, text.splitlines()), default=1)
    for line in text.splitlines():
        height -= 12
        if line.strip():
            yield Line(line.strip(), 0, len(line), height, 10, 0, widest)
