"""PDF as text, lines joined that a page broke."""

import io
import re

from data.reading.result import Reading

_FULL = 0.75  # of the longest line of a page: a line longer than this was broken by the page's width


def unwrapped(text: str) -> str:
    """Lines that a page's width broke joined again; a short line (a heading, a paragraph's end) stays a line.

    >>> unwrapped("Notice\\nThe slip at Tarsa will be re-\\npaired in spring and then\\nopened.")
    'Notice\\nThe slip at Tarsa will be repaired in spring and then opened.'
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    width = max(map(len, lines), default=0)
    joined, full = "", False
    for line in lines:
        if full and re.search(r"\w-$", joined) and line[0].islower():
            joined = joined[:-1] + line
        else:
            joined += (" " if full else "\n") + line
        full = len(line) > _FULL * width
    return joined.strip()


def read(raw: bytes) -> Reading:
    """A .pdf file.

    Raises:
        ValueError: it is encrypted or damaged.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("it is encrypted; save it without a password")
        text = "\n\n".join(unwrapped(page.extract_text()) for page in reader.pages)
        if not text.strip():
            raise ValueError("it holds no text (a scan needs OCR first)")
        return Reading(text)
    except (PyPdfError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:  # of broken files
        raise ValueError(f"it cannot be read as PDF ({error or type(error).__name__})") from error
