"""Read one document file as plain text, whatever its name says it is, within limits."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from data.errors import TriviumError
from data.schema import Document

SUFFIXES = (".md", ".txt", ".html", ".htm", ".pdf", ".docx")
MAX_BYTES = 50 * 2**20  # of a file, and of everything inside a .docx; a larger one is no document but a collection
_FULL = 0.75  # of the longest line of a page: a line longer than this was broken by the page's width
_WORD_PART = "word/document.xml"


def _western(raw: bytes) -> str | None:
    """The bytes as Windows-1252, where that gives letters and typographic signs only.

    Most text that is not UTF-8 is in it, and statistics alone mistake short ones for their Central European cousin.
    """
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return text if all(c.isascii() or c.isalpha() or c in "‘’“”„‚–—…€£°§«»•×½¼¾\xa0" for c in text) else None


def _decoded(raw: bytes) -> str:
    """Text in UTF-8, UTF-16 with a mark, or the encoding that its bytes speak for."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    if b"\x00" in raw:
        raise ValueError("it is not text (it holds NUL bytes)")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        if text := _western(raw):
            return text
        from charset_normalizer import from_bytes

        best = from_bytes(raw).best()
        if best is None:
            raise ValueError("its encoding cannot be told; save it as UTF-8") from None
        return str(best)


def _from_html(html: str) -> str:
    from markdownify import markdownify

    return str(markdownify(html, heading_style="ATX", strip=["a", "img", "script", "style"], bullets="-"))


def _read_html(raw: bytes) -> str:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(_decoded(raw), "html.parser")
    for element in soup(["script", "style", "noscript", "template", "head"]):
        element.decompose()
    return _from_html(str(soup))


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


def _read_pdf(raw: bytes) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("it is encrypted; save it without a password")
        return "\n\n".join(unwrapped(page.extract_text()) for page in reader.pages)
    except (PyPdfError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:  # of broken files
        raise ValueError(f"it cannot be read as PDF ({error or type(error).__name__})") from error


def _read_docx(raw: bytes) -> str:
    import mammoth

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_BYTES:
            raise ValueError(f"it unpacks to {unpacked / 2**20:,.0f} MiB, at most {MAX_BYTES / 2**20:.0f} are read")
        return _from_html(mammoth.convert_to_html(io.BytesIO(raw)).value)
    except (zipfile.BadZipFile, KeyError, AttributeError, IndexError) as error:
        raise ValueError(f"it cannot be read as DOCX ({error})") from error


_READERS: dict[str, Callable[[bytes], str]] = {
    "text": _decoded,
    "html": _read_html,
    "pdf": _read_pdf,
    "docx": _read_docx,
}


def kind_of(raw: bytes, suffix: str) -> str:
    """What a file is: its first bytes decide, and its suffix where they say nothing.

    Raises:
        ValueError: it is a known format that is no document.
    """
    start = raw[:1024].lstrip().lower()
    if b"%pdf-" in start:
        return "pdf"
    if raw.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                if _WORD_PART in archive.namelist():
                    return "docx"
        except zipfile.BadZipFile as error:
            raise ValueError("it is a damaged archive") from error
        raise ValueError("it is an archive, not a document")
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError("it is an old Office file or an encrypted one; save it as .docx without a password")
    if suffix == ".pdf":
        raise ValueError("it is not a PDF, whatever its name says")
    if suffix == ".docx":
        raise ValueError("it is not a Word document, whatever its name says")
    return "html" if suffix in (".html", ".htm") or start.startswith((b"<!doctype html", b"<html")) else "text"


def read_text(path: Path) -> str:
    """The text of one file.

    Raises:
        ValueError: it cannot be read as text, is too large, or holds no text; the message says which.
    """
    if (size := path.stat().st_size) > MAX_BYTES:
        raise ValueError(f"it has {size / 2**20:,.0f} MiB, at most {MAX_BYTES / 2**20:.0f} are read; split it")
    raw = path.read_bytes()
    text = _READERS[kind_of(raw, path.suffix.lower())](raw).replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise ValueError("it holds no text" + (" (a scan needs OCR first)" if path.suffix.lower() == ".pdf" else ""))
    return text


def split_title(text: str, fallback: str) -> tuple[str, str]:
    """Title and body: the first line is the title when it reads as a heading (at most 90 characters)."""
    first, _, rest = text.strip().partition("\n")
    title = first.lstrip("# ").strip()
    return (title, rest.strip()) if 0 < len(title) <= 90 and rest.strip() else (fallback, text.strip())


def read_document(path: Path, folder: Path) -> Document:
    """Read one file below `folder`.

    Raises:
        TriviumError: the file cannot be read as text, or it is empty.
    """
    try:
        title, body = split_title(read_text(path), path.stem)
    except ValueError as error:
        raise TriviumError(f"{path}: {error}. Mend the file or take it out of documents/.") from error
    return Document(id=path.relative_to(folder).as_posix(), title=title, text=body)


def read_documents(folder: Path) -> Iterator[Document]:
    """All documents below `folder` in the order of their paths.

    Raises:
        TriviumError: the folder is missing or empty, or holds a file that is not a document or lies outside.
    """
    if not folder.is_dir():
        raise TriviumError(f"{folder}: no such folder. A domain keeps its documents there ({', '.join(SUFFIXES)}).")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    if not files:
        raise TriviumError(f"{folder}: the folder is empty. Put at least one document there ({', '.join(SUFFIXES)}).")
    for path in files:
        if path.suffix.lower() not in SUFFIXES:
            raise TriviumError(
                f"{path}: not a document Trivium can read ({', '.join(SUFFIXES)}). Take it out, or let "
                "`trivium import` choose what can be read."
            )
        if not path.resolve().is_relative_to(folder.resolve()):
            raise TriviumError(f"{path}: the link points outside of documents/. Copy the file instead.")
        yield read_document(path, folder)
