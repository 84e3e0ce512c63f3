"""Which reader a file needs: its first bytes decide, else its ending. A new form of document is one row here."""

import zipfile
from importlib import import_module
from typing import cast

from data.reading.archive import open_archive
from data.reading.result import Reading

# Ending -> module of this room; each has `read(raw: bytes) -> Reading`, which raises ValueError with the reason.
READERS = {
    ".md": "text", ".markdown": "text", ".txt": "text", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".pdf": "pdf", ".docx": "docx", ".odt": "odt", ".rtf": "rtf", ".pptx": "pptx", ".xlsx": "xlsx", ".epub": "epub",
    ".eml": "eml", ".csv": "csv", ".tsv": "csv",
}  # fmt: skip
SUFFIXES = tuple(READERS)
_PARTS = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx",
          "META-INF/container.xml": "epub"}  # fmt: skip
_NAMES = {"pdf": "PDF", "docx": "Word document", "pptx": "PowerPoint file", "xlsx": "Excel workbook",
          "epub": "e-book", "odt": "OpenDocument text", "rtf": "RTF file"}  # fmt: skip
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")


def _of_archive(raw: bytes) -> str:
    with open_archive(raw) as archive:
        names = set(archive.namelist())
        if "mimetype" in names and archive.read("mimetype")[:80].strip() == b"application/vnd.oasis.opendocument.text":
            return "odt"
    found = next((form for part, form in _PARTS.items() if part in names), None)
    if found is None:
        raise ValueError("it is an archive, not a document")
    return found


def form_of(raw: bytes, suffix: str) -> str:
    """The name of the reader for a file.

    Raises:
        ValueError: it is a known format that is no document, or not what its ending says.
    """
    start = raw[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf-") or (suffix == ".pdf" and b"%pdf-" in start):
        return "pdf"
    if raw.startswith(b"PK\x03\x04"):
        try:
            return _of_archive(raw)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
            raise ValueError("it is a damaged archive") from error
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError("it is an old Office file or an encrypted one; save it in a new form without a password")
    if start.startswith(b"{\\rtf"):
        return "rtf"
    if raw.startswith(_PICTURES) and suffix in (".pdf", ".docx", ".pptx", ".xlsx", ".epub", ".odt"):
        raise ValueError("it is a picture, whatever its name says")
    if (form := READERS.get(suffix, "text")) in _NAMES:
        raise ValueError(f"it is not a {_NAMES[form]}, whatever its name says")
    if form == "text" and start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return form


def read_bytes_as_text(raw: bytes, suffix: str) -> Reading:
    """What a file holds, as its reader gives it.

    Raises:
        ValueError: it cannot be read; the message says why.
    """
    return cast(Reading, import_module(f"data.reading.{form_of(raw, suffix)}").read(raw))
