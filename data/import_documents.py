"""Take documents of any kind into a domain as plain text; what cannot be read is skipped by name, with the reason."""

import hashlib
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from data.documents import files_below, split_title, why_not_inside
from data.errors import TriviumError
from data.files import Together
from data.progress import Progress
from data.reading.forms import READERS, SUFFIXES
from data.reading.process import Reader
from data.reading.result import Reading
from data.text_cleaning import clean_text

_NAME_BYTES = 200  # of the 255 that file systems allow: room for a number, and for the name while it is written
TABLES = (".csv", ".tsv")  # tables may hold questions instead


@dataclass
class Imported:
    """What was taken in (ids in the domain), what was not (path: reason), and what a user should know of the rest."""

    documents: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # path below the source -> id in the domain


def file_name(text: str) -> str:
    """A name that is safe as a file's on every system; a long one keeps its beginning and ending.

    >>> file_name("../Ring of Silence: a history?")
    'Ring_of_Silence_a_history'
    """
    name = re.sub(r"[^\w.+#-]+", "_", clean_text(text)).strip("._") or "document"
    if len(name.encode()) <= _NAME_BYTES:
        return name
    ending = found[0] if (found := re.search(r"(?:\.[A-Za-z0-9]{1,8}){1,2}$", name)) else ""
    mark = "-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]  # two long names stay two
    stem = name.removesuffix(ending).encode()[: _NAME_BYTES - len(mark) - len(ending)]
    return stem.decode("utf-8", "ignore") + mark + ending


def write_document(files: Together, folder: Path, name: str, text: str) -> None:
    """Write a document of a domain among other files; a different one of that name is never overwritten.

    Raises:
        TriviumError: the name is taken by another text.
    """
    path = folder / name
    if path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text:
        return
    if path.exists() or path in files:
        raise TriviumError(f"{path}: another document of this name is there already. Import into a new folder.")
    files.write_text(path, text)


def as_text(reading: Reading) -> str:
    """What was read, as a file of a domain: the title as its first line, unless it is that already."""
    repeated = not reading.title or split_title(reading.text, "")[0] == reading.title
    return reading.text + "\n" if repeated else f"# {reading.title}\n\n{reading.text}\n"


def _free_name(name: str, used: Collection[str]) -> str:
    """The name itself, or with a number before its ending where another file of this import has it."""
    stem, ending = os.path.splitext(name)
    if stem.endswith((".pdf", ".html")):
        stem, inner = os.path.splitext(stem)
        ending = inner + ending
    free, number = name, 2
    while free.casefold() in used:
        free, number = f"{stem}-{number}{ending}", number + 1
    return free


def _candidates(source: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """The file itself, or all files below a folder except those of the domain that is imported into."""
    if not source.is_dir():
        yield source, ""
        return
    domain = folder.parent.resolve()
    own = domain if domain != source.resolve() and domain.is_relative_to(source.resolve()) else None
    for path, reason in files_below(source):
        if own is None or not Path(os.path.abspath(path)).is_relative_to(own):
            yield path, reason


def _why_not(path: Path, base: Path, tables: Collection[Path]) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES or (suffix in TABLES and path not in tables):
        return f"not a kind of document that is read ({', '.join(SUFFIXES)})"
    return why_not_inside(path, base)


def import_documents(
    source: Path, folder: Path, progress: Progress, together: Together, tables: Collection[Path] = ()
) -> Imported:
    """Read every document below `source` and write it as text below `folder` (a domain's documents/), with others.

    Args:
        tables: the .csv and .tsv files to be read as documents; others are left out.
    """
    result, files, used = Imported(), list(_candidates(source, folder)), set[str]()
    base = source if source.is_dir() else source.parent
    with Reader() as reader:
        for done, (path, reason) in enumerate(files, 1):
            progress("reading documents", done, len(files))
            name = path.relative_to(base).as_posix()
            try:
                if reason := reason or _why_not(path, base, tables):
                    raise ValueError(reason)
                reading = reader.read(path)
                kept = name if READERS[path.suffix.lower()] == "text" else f"{name}.md"
                target = _free_name("/".join(file_name(part) for part in kept.split("/")), used)
                write_document(together, folder, target, as_text(reading))
            except (ValueError, TriviumError, OSError) as error:
                result.skipped[_shown(name)] = str(error)
                continue
            used.add(target.casefold())
            result.documents.append(target)
            result.names[name] = target
            result.notes += [f"{target}: {note}" for note in reading.notes]
    return result


def _shown(name: str) -> str:
    """A path as it can be printed; of a very long one the beginning and the end."""
    name = clean_text(name)
    return name if len(name) <= 300 else f"{name[:140]}…{name[-140:]}"
