"""Read one document file as plain text."""

from collections.abc import Callable, Iterator
from pathlib import Path

from data.errors import TriviumError
from data.schema import Document


def _read_text(path: Path) -> str:
    raw = path.read_bytes()
    if b"\x00" in raw:
        raise ValueError("it is not text (it holds NUL bytes)")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def _read_html(path: Path) -> str:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(_read_text(path), "html.parser")
    for element in soup(["script", "style", "noscript"]):
        element.decompose()
    return soup.get_text("\n", strip=True)


def _read_pdf(path: Path) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return "\n\n".join(page.extract_text() for page in PdfReader(path).pages)
    except PyPdfError as error:
        raise ValueError(f"it cannot be read as PDF ({error})") from error


def _read_docx(path: Path) -> str:
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        return "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
    except (PackageNotFoundError, KeyError) as error:
        raise ValueError("it cannot be read as DOCX") from error


READERS: dict[str, Callable[[Path], str]] = {
    ".md": _read_text,
    ".txt": _read_text,
    ".html": _read_html,
    ".pdf": _read_pdf,
    ".docx": _read_docx,
}


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
        text = READERS[path.suffix.lower()](path).strip()
    except ValueError as error:
        raise TriviumError(f"{path}: {error}. Mend the file or take it out of documents/.") from error
    if not text:
        raise TriviumError(f"{path}: it holds no text. Take it out of documents/.")
    title, body = split_title(text, path.stem)
    return Document(id=path.relative_to(folder).as_posix(), title=title, text=body)


def read_documents(folder: Path) -> Iterator[Document]:
    """All documents below `folder` in the order of their paths.

    Raises:
        TriviumError: the folder is missing or empty, or holds a file that is not a document or lies outside.
    """
    if not folder.is_dir():
        raise TriviumError(f"{folder}: no such folder. A domain keeps its documents there ({', '.join(READERS)}).")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    if not files:
        raise TriviumError(f"{folder}: the folder is empty. Put at least one document there ({', '.join(READERS)}).")
    for path in files:
        if path.suffix.lower() not in READERS:
            raise TriviumError(f"{path}: not a document Trivium can read ({', '.join(READERS)}). Take it out.")
        if not path.resolve().is_relative_to(folder.resolve()):
            raise TriviumError(f"{path}: the link points outside of documents/. Copy the file instead.")
        yield read_document(path, folder)
