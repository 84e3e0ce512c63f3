"""The documents of a domain: every file below documents/, read as text within limits."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from data.errors import TriviumError
from data.findings import Finding, note, warning
from data.reading.forms import SUFFIXES
from data.reading.limits import MAX_BYTES
from data.reading.process import Reader
from data.reading.result import Reading
from data.schema import Document

__all__ = ["MAX_BYTES", "SUFFIXES", "files_below", "read_document", "read_documents", "split_title"]
_LONGEST_TITLE = 90


def files_below(folder: Path) -> Iterator[tuple[Path, str]]:
    """All files below a folder that are not hidden, in the order of their paths, each with "" or a reason why not.

    Links to folders are not followed. A folder that cannot be opened (a path that is too long, no permission) is given
    itself, with the reason.
    """
    waiting, found = [folder], list[tuple[Path, str]]()
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(current / entry.name)
                    else:
                        found.append((current / entry.name, ""))
        except OSError as error:
            found.append((current, f"the folder cannot be opened ({error.strerror})"))
    return iter(sorted(found))


def why_not_inside(path: Path, folder: Path) -> str:
    """ "" for a regular file below `folder`, else what it is."""
    try:
        if stat.S_ISREG(path.lstat().st_mode):  # below it: links to folders are not followed
            return ""
        if not path.resolve().is_relative_to(folder.resolve()):
            return "it is a link out of the folder"
        return "" if stat.S_ISREG(path.stat().st_mode) else "it is not a regular file"
    except (OSError, RuntimeError) as error:  # a link to itself, a path that is too long
        return f"it cannot be opened ({getattr(error, 'strerror', None) or 'a link to itself'})"


def split_title(text: str, fallback: str) -> tuple[str, str]:
    """Title and body: the first line is the title when it reads as a heading (at most 90 characters, with a word)."""
    first, _, rest = text.strip().partition("\n")
    title = first.lstrip("# ").strip()
    reads_as_one = 0 < len(title) <= _LONGEST_TITLE and any(c.isalnum() for c in title) and not title.startswith("|")
    return (title, rest.strip()) if reads_as_one and rest.strip() else (fallback, text.strip())


def titled(reading: Reading, fallback: str) -> tuple[str, str]:
    """Title and body of what was read; a first line that repeats the title is left out."""
    title, body = split_title(reading.text, fallback)
    if not reading.title:
        return title, body
    return reading.title, body if title == reading.title else reading.text


def read_document(path: Path, folder: Path, reader: Reader, findings: list[Finding]) -> Document:
    """Read one file below `folder`; what its reader has to say of it is added to `findings`.

    Raises:
        TriviumError: the file cannot be read as text, or it is empty.
    """
    try:
        name = os.fsencode(path.relative_to(folder)).decode("utf-8").replace(os.sep, "/")  # whatever the locale
        reading = reader.read(path)
        title, body = titled(reading, PurePosixPath(name).stem)
    except UnicodeDecodeError as error:
        raise TriviumError(f"{str(path)!r}: its name is not UTF-8. Rename the file.") from error
    except ValueError as error:
        raise TriviumError(f"{path}: {error}. Fix the file or take it out of documents/.") from error
    findings += [_finding(name, told) for told in reading.notes]
    return Document(id=name, title=title, text=body)


def _finding(name: str, told: str) -> Finding:
    if told.startswith("left out"):
        return warning(name, told, "No method can know it; put it into the document as text if it is asked for.")
    return note(name, told)


def read_documents(folder: Path, findings: list[Finding] | None = None) -> Iterator[Document]:
    """All documents below `folder` in the order of their paths; what was left out of them is added to `findings`.

    Raises:
        TriviumError: the folder is missing or empty, or holds a file that is not a document or lies outside.
    """
    if not folder.is_dir():
        raise TriviumError(f"{folder}: no such folder. A domain keeps its documents there ({', '.join(SUFFIXES)}).")
    files = list(files_below(folder))
    if not files:
        raise TriviumError(f"{folder}: the folder is empty. Put at least one document there ({', '.join(SUFFIXES)}).")
    with Reader() as reader:
        for path, reason in files:
            if not reason and path.suffix.lower() not in SUFFIXES:
                raise TriviumError(
                    f"{path}: not a document Trivium can read ({', '.join(SUFFIXES)}). Take it out, or let "
                    "`trivium import` choose what can be read."
                )
            if reason := reason or why_not_inside(path, folder):
                told = reason.replace("it is a link out of the folder", "the link points outside of documents/")
                raise TriviumError(f"{path}: {told}. Copy the file itself, or take this out.")
            yield read_document(path, folder, reader, [] if findings is None else findings)
